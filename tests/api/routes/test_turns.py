"""KPIs of every time a customer waited, over the API."""

import pytest


@pytest.mark.parametrize("by", ["platform", "agent_id", "weekday", "carrier"])
def test_late_responses_as_amazon_counts_come_by_any_dimension_of_a_turn(client, by):
    told = client.get("/api/v1/kpis/amazon_late_response_rate", params={"by": by}).json()
    assert told["kpi"]["unit"] == "share"
    assert len(told["slices"]) > 1
    assert all(0 <= one["value"] <= 1 for one in told["slices"] if not one["few"])


def test_the_longest_wait_is_told_without_an_interval(client):
    [told] = client.get("/api/v1/kpis/longest_wait").json()["slices"]
    assert told["value"] > 0
    assert (told["low"], told["high"]) == (None, None)


def test_a_turn_has_no_lane(client):
    assert client.get("/api/v1/kpis/wait_p90", params={"by": "lane"}).status_code == 422
