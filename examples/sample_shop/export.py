"""The whole folder: conversations by system, orders and what follows them, and what the seller keeps by hand."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from examples.sample_shop import accounts, files, tickets
from examples.sample_shop.formats import Clock, iso, local, money
from examples.sample_shop.orders import Order
from examples.sample_shop.second_ids import known_as, mailbox, second_id
from examples.sample_shop.staff import known_shifts
from examples.sample_shop.systems import SYSTEMS
from examples.sample_shop.world import HERE, pick, products, stream, world

if TYPE_CHECKING:
    from examples.sample_shop.make import Shop

GRADES = ("", "非常不满意", "不满意", "一般", "满意", "非常满意")
LINE = ("order_id", "line", "sku", "quantity", "unit_price")
SHANGHAI, BERLIN = "Asia/Shanghai", "Europe/Berlin"


def write_all(shop: Shop, out: Path) -> None:
    """Every file of the folder but the truth."""
    for system, write in SYSTEMS.items():
        write([talk for talk in shop.conversations if talk.system == system], out)
    tickets.write(shop.conversations, shop.seed, out)
    _orders(shop, out)
    _returns(shop, out)
    _reviews(shop, out)
    _surveys(shop, out)
    _office(shop, out)
    _customers(shop, out)
    shutil.copyfile(HERE / "insight.toml", out / "insight.toml")


# ---------------------------------------------------------------- orders and what follows them


def _orders(shop: Shop, out: Path) -> None:
    """Each platform's orders in its own format; their lines from the warehouse in one file."""
    zoned = local(SHANGHAI, "%Y-%m-%d %H:%M:%S %z")
    of = {p: [o for o in shop.orders if o.customer.platform == p] for p in ("amazon", "shopify", "ebay")}
    packed = _packed(shop)
    costs = accounts.costs(shop.orders, shop.seed)
    rows = [_order(o, iso, packed) | {"cost": money(costs[o.id], o.currency)} for o in of["amazon"]]
    files.csv_file(out / "amazon/orders.tsv", list(rows[0]), [list(r.values()) for r in rows], delimiter="\t")
    own = {"test": "false"}
    rows = [_order(o, zoned, packed) | {"cost": money(costs[o.id], o.currency)} | own for o in of["shopify"]]
    trials = [row | {"order_id": f"#T{n}", "test": "true"} for n, row in enumerate(rows[:3], 1)]
    files.csv_file(out / "shopify/orders.csv", list(rows[0]), [list(r.values()) for r in trials + rows])
    files.jsonl_file(out / "ebay/orders.jsonl", [_order(o, lambda ms: ms and ms // 1000, packed) for o in of["ebay"]])
    lines = [
        dict(zip(LINE, (o.id, n, line.sku, line.quantity, money(line.price, o.currency)), strict=True))
        for o in shop.orders
        for n, line in enumerate(o.lines, 1)
    ]
    files.parquet_file(out / "warehouse/order_items.parquet", lines)


def _packed(shop: Shop) -> dict[str, str]:
    """The warehouse of each order, by where its lane begins; drawn apart, so that nothing else moves with it."""
    chance, told = stream(shop.seed, "warehouses"), world()["warehouses"]
    return {order.id: pick(chance, told[order.lane[:2]]) for order in shop.orders}


def _order(order: Order, clock: Clock, packed: dict[str, str]) -> dict[str, Any]:
    return {
        "order_id": order.id,
        "buyer_id": order.customer.id,
        "shop": order.shop,
        "country": order.customer.market,
        "created": clock(order.ordered),
        "latest_delivery": clock(order.promised),
        "shipped": clock(order.shipped if order.left else None),
        "delivered": clock(order.delivered),
        "carrier": order.carrier,
        "lane": order.lane,
        "warehouse": packed[order.id],
        "currency": order.currency,
        "total": money(order.total, order.currency),
        "status": order.status,
    }


def _returns(shop: Shop, out: Path) -> None:
    clock = local(BERLIN, "%d.%m.%Y %H:%M")
    columns = ["RMA", "Order", "SKU", "Requested", "Reason code", "Customer comment", "Refund"]
    rows = [
        (r.id, r.order.id, r.sku, clock(r.returned), r.reason, r.comment, _comma(r.refund, r.order.currency))
        for r in sorted(shop.returns, key=lambda r: (r.returned, r.id))
    ]
    files.csv_file(out / "warehouse/returns.csv", columns, rows, delimiter=";")


def _comma(minor: int, currency: str) -> str:
    return money(minor, currency).replace(".", ",")


def _reviews(shop: Shop, out: Path) -> None:
    rows = [
        {
            "review_id": r.id,
            "order_id": r.order.id if r.order else None,
            "sku": r.sku,
            "author_id": r.customer.id if r.order else None,
            "platform": r.customer.platform,
            "country": r.customer.market,
            "posted": iso(r.reviewed),
            "stars": r.score,
            "title": r.title,
            "body": r.text,
        }
        for r in sorted(shop.reviews, key=lambda r: (r.reviewed, r.id))
    ]
    files.jsonl_file(out / "reviews/reviews.jsonl", rows)


def _surveys(shop: Shop, out: Path) -> None:
    """The Chinese desk asks in words, the others in stars."""
    clock = local(SHANGHAI, "%Y/%m/%d %H:%M:%S")
    stars: list[list[Any]] = [["id", "conversation", "answered at", "stars", "comment"]]
    words = []
    for s in sorted(shop.surveys, key=lambda s: (s.answered, s.id)):
        if s.conversation.system == "kefu":
            words.append([s.id, s.conversation.id, clock(s.answered), GRADES[s.score], s.comment])
        else:
            stars.append([s.id, s.conversation.id, iso(s.answered), s.score, s.comment])
    files.xlsx_file(out / "surveys/csat.xlsx", {"answers": stars})
    files.csv_file(
        out / "kefu/ratings.csv", ["评价ID", "会话ID", "评价时间", "评价", "留言"], words, encoding="gb18030"
    )


# ---------------------------------------------------------------- what the seller keeps by hand


def _office(shop: Shop, out: Path) -> None:
    clock = local(SHANGHAI, "%Y-%m-%d %H:%M")
    goods = [[p.sku, f"{p.name} {p.nouns['zh'][0][1]}", p.family, p.listing] for p in products().values()]
    agents = [[a, told["name"], told["team"]] for a, told in world()["agents"].items()]
    shifts = [[s.agent, clock(s.starts), clock(s.ends)] for s in known_shifts(shop.staff)]
    files.xlsx_file(out / "office/catalogue.xlsx", {"catalogue": [["SKU", "Product", "Family", "Listing"], *goods]})
    team = {"agents": [["Agent", "Name", "Team"], *agents], "shifts": [["Agent", "From", "To"], *shifts]}
    files.xlsx_file(out / "office/team.xlsx", team)
    rates = [(currency, clock(since), value) for currency, since, value in accounts.rates(shop.seed)]
    files.csv_file(out / "office/exchange_rates.csv", ["Currency", "From", "Worth in USD"], rates)


def _customers(shop: Shop, out: Path) -> None:
    """One row per account: who has two, has two rows with the same mail address."""
    seen = {o.customer.id for o in shop.orders} | {t.contact.customer.id for t in shop.conversations}
    desk = {known_as(t.contact.customer, t.system) for t in shop.conversations}
    agreed = {True: "yes", False: "no", None: ""}
    rows = [
        [account, c.market, agreed[c.may_market], mailbox(c)]
        for c in shop.people.all.values()
        if c.id in seen
        for account in (c.id, second_id(c))
        if account == c.id or account in desk
    ]
    files.csv_file(out / "crm/customers.csv", ["customer", "country", "newsletter", "email"], sorted(rows))
