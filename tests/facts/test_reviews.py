"""What was said of an order in reviews?"""

import pytest

from insight.facts import reviews
from insight.schema import REVIEWS
from tests.rows import found, table


def told(*ratings, order="o"):
    rows = [{"review_id": f"{n}", "order_id": order, "rating": rating} for n, rating in enumerate(ratings)]
    return found(reviews.of_orders, table(REVIEWS, *rows))


@pytest.mark.parametrize(("stars", "bad"), [(1, True), (2, True), (3, False), (5, False)])
def test_at_most_two_of_five_stars_is_bad(stars, bad):
    assert told((stars - 1) / 4)[0]["bad_review"] is bad


@pytest.mark.parametrize(("points", "bad"), [(4, True), (5, False)])
def test_at_most_four_of_ten_points_is_bad(points, bad):
    assert told((points - 1) / 9)[0]["bad_review"] is bad


def test_one_bad_review_is_enough_and_the_rating_is_the_mean():
    assert told(0.25, 1.0, 1.0) == [{"order_id": "o", "review_rating": 0.75, "bad_review": True}]


def test_a_review_of_no_order_counts_for_none():
    assert told(0.0, order=None) == []
