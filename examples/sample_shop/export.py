"""What each system exports: which rows with which columns. How files are written stands in files.py."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from examples.sample_shop import files
from examples.sample_shop.orders import DECIMALS, Order
from examples.sample_shop.staff import known_shifts
from examples.sample_shop.threads import Conversation
from examples.sample_shop.timing import Said
from examples.sample_shop.world import HERE, first, moment, products, world

if TYPE_CHECKING:
    from examples.sample_shop.make import Shop

Row = dict[str, Any]
Time = Callable[[int], Any]

LANGUAGE = {"kefu": {"customer": "访客", "agent": "客服", "bot": "机器人", "system": "系统", "note": "客服"}}
GRADES = ("", "非常不满意", "不满意", "一般", "满意", "非常满意")


def message_ids(talk: Conversation) -> Iterator[tuple[str, Said]]:
    """The messages of a conversation with their ids."""
    for number, said in enumerate(talk.said, 1):
        yield f"{talk.id}-{number:02d}", said


def write_all(shop: Shop, out: Path) -> None:
    """Every file of the folder but the truth."""
    _marketplaces(shop, out)
    _chat(shop, out)
    _helpdesk(shop, out)
    _kefu(shop, out)
    _orders(shop, out)
    _feedback(shop, out)
    _office(shop, out)
    shutil.copyfile(HERE / "insight.toml", out / "insight.toml")


def iso(ms: int) -> str:
    """2026-05-02T10:11:12Z."""
    return f"{moment(ms):%Y-%m-%dT%H:%M:%SZ}"


def local(zone: str, pattern: str) -> Time:
    """A clock of some zone, in a pattern."""
    return lambda ms: f"{moment(ms, zone):{pattern}}"


def money(minor: int, currency: str) -> str:
    """Minor units as decimal text in major units."""
    digits = DECIMALS.get(currency, 2)
    return f"{minor / 10**digits:.{digits}f}"


def _of(shop: Shop, system: str) -> list[Conversation]:
    return [talk for talk in shop.conversations if talk.system == system]


def _spoken(talks: list[Conversation]) -> Iterator[tuple[Conversation, str, Said]]:
    """Messages of many conversations as a system logs them: in the order of time."""
    rows = [(talk, message, said) for talk in talks for message, said in message_ids(talk)]
    yield from sorted(rows, key=lambda row: (row[2].sent, row[0].id, int(row[1].rsplit("-", 1)[1])))


def _order_id(talk: Conversation) -> str:
    return talk.contact.order.id if talk.tells_order and talk.contact.order else ""


def _marketplaces(shop: Shop, out: Path) -> None:
    """Amazon: one file per marketplace. eBay: one file, times to the minute on the clock of its home."""
    for market in world()["markets"]:
        talks = [t for t in _of(shop, "amazon") if t.contact.customer.market == market]
        rows = [
            {
                "message_id": message,
                "thread_id": talk.id,
                "sender_type": {"customer": "BUYER", "agent": "SELLER", "bot": "AUTO"}.get(said.author, "SYSTEM"),
                "sender_staff": said.agent or "",
                "sent_at": iso(said.sent),
                "buyer_id": talk.contact.customer.id,
                "amazon_order_id": _order_id(talk),
                "asin_sku": talk.contact.sku if talk.tells_order else "",
                "marketplace": market,
                "store": _shop_of(talk),
                "body": said.turn.text,
            }
            for talk, message, said in _spoken(talks)
        ]
        if rows:
            files.csv_file(out / f"amazon/buyer_messages_{market}.csv", rows)
    clock = local("America/Los_Angeles", "%m/%d/%Y %H:%M")
    rows = [
        {
            "Message ID": message,
            "Case": talk.id,
            "From": {"customer": "buyer", "agent": "seller"}.get(said.author, "ebay"),
            "Handled by": said.agent or "",
            "Date (Pacific)": clock(said.sent),
            "Buyer": talk.contact.customer.id,
            "Order number": _order_id(talk),
            "Item SKU": talk.contact.sku if talk.tells_order else "",
            "Site": talk.contact.customer.market,
            "Message": said.turn.text,
        }
        for talk, message, said in _spoken(_of(shop, "ebay"))
    ]
    files.csv_file(out / "ebay/member_messages.tsv", rows, delimiter="\t")


def _shop_of(talk: Conversation) -> str:
    customer = talk.contact.customer
    return "lumora-outlet" if customer.platform == "ebay" else f"lumora-{customer.platform}-{_region(customer.market)}"


def _region(market: str) -> str:
    return {"US": "us", "MX": "us", "GB": "eu", "DE": "eu", "ES": "eu"}.get(market, "asia")


def _chat(shop: Shop, out: Path) -> None:
    """The chat window: JSON lines, epoch milliseconds; sessions and messages apart."""
    talks = _of(shop, "chat")
    files.jsonl_file(
        out / "chat/sessions.jsonl",
        [
            {
                "session": talk.id,
                "visitor": talk.contact.customer.id,
                "assignee": talk.agent,
                "started": talk.opened,
                "ended": talk.closed,
                "state": {"resolved": "closed", "open": "open"}[talk.status],
                "store": talk.contact.customer.platform,
                "shop": _shop_of(talk),
                "country": talk.contact.customer.market,
                "order": _order_id(talk) or None,
                "product": talk.contact.sku if talk.tells_order else None,
            }
            for talk in talks
        ],
    )
    rows = [
        {"id": m, "session": t.id, "by": s.author, "operator": s.agent, "ts": s.sent, "text": s.turn.text}
        for t, m, s in _spoken(talks)
    ]
    files.jsonl_file(out / "chat/messages.jsonl", rows)


def _helpdesk(shop: Shop, out: Path) -> None:
    """Mails, kept in Berlin: semicolons, times without a zone, internal notes between the answers."""
    talks, clock = _of(shop, "helpdesk"), local("Europe/Berlin", "%d.%m.%Y %H:%M:%S")
    tickets = [
        {
            "Ticket": talk.id,
            "Requester": talk.contact.customer.id,
            "Assignee": talk.agent or "",
            "Created": clock(talk.opened),
            "Solved": clock(talk.closed) if talk.closed else "",
            "Status": "solved" if talk.closed else "pending" if talk.agent else "new",
            "Platform": talk.contact.customer.platform,
            "Shop": _shop_of(talk),
            "Country": talk.contact.customer.market,
            "Order": _order_id(talk),
        }
        for talk in talks
    ]
    files.csv_file(out / "helpdesk/tickets.csv", tickets, delimiter=";")
    comments = [
        {
            "Comment": message,
            "Ticket": talk.id,
            "Type": {"customer": "end-user", "system": "system"}.get(said.author, "staff"),
            "Staff": said.agent or "",
            "Public": "no" if said.author in ("note", "system") else "yes",
            "Created": clock(said.sent),
            "Body": said.turn.text,
        }
        for talk, message, said in _spoken(talks)
    ]
    files.csv_file(out / "helpdesk/comments.csv", comments, delimiter=";")


def _kefu(shop: Shop, out: Path) -> None:
    """The Chinese service desk: GB18030, Chinese headings, Shanghai time."""
    talks, clock = _of(shop, "kefu"), local("Asia/Shanghai", "%Y/%m/%d %H:%M:%S")
    sessions = [
        {
            "会话ID": talk.id,
            "客户ID": talk.contact.customer.id,
            "接待客服": talk.agent or "",
            "开始时间": clock(talk.opened),
            "结束时间": clock(talk.closed) if talk.closed else "",
            "状态": "已解决" if talk.closed else "进行中",
            "平台": talk.contact.customer.platform,
            "店铺": _shop_of(talk),
            "国家": talk.contact.customer.market,
            "订单号": _order_id(talk),
        }
        for talk in talks
    ]
    files.csv_file(out / "kefu/sessions.csv", sessions, encoding="gb18030")
    messages = [
        {
            "消息ID": message,
            "会话ID": talk.id,
            "发送方": LANGUAGE["kefu"][said.author],
            "客服": said.agent or "",
            "时间": clock(said.sent),
            "内容": said.turn.text,
        }
        for talk, message, said in _spoken(talks)
    ]
    files.csv_file(out / "kefu/messages.csv", messages, encoding="gb18030")


def _order_row(order: Order, time: Time) -> Row:
    return {
        "order_id": order.id,
        "buyer_id": order.customer.id,
        "shop": order.shop,
        "country": order.customer.market,
        "created": time(order.ordered),
        "latest_delivery": time(order.promised),
        "shipped": "" if order.cancelled else time(order.shipped),
        "delivered": time(order.delivered) if order.delivered and not order.cancelled else "",
        "carrier": order.carrier,
        "lane": order.lane,
        "currency": order.currency,
        "total": money(order.total, order.currency),
        "status": _status(order),
    }


def _status(order: Order) -> str:
    if order.cancelled:
        return "cancelled"
    return "delivered" if order.delivered else "shipped"


def _orders(shop: Shop, out: Path) -> None:
    """Each platform's orders in its own format; their lines from the warehouse in one file."""
    zoned = local("Asia/Shanghai", "%Y-%m-%d %H:%M:%S %z")
    of = {p: [o for o in shop.orders if o.customer.platform == p] for p in ("amazon", "shopify", "ebay")}
    files.csv_file(out / "amazon/orders.tsv", [_order_row(o, iso) for o in of["amazon"]], delimiter="\t")
    files.csv_file(out / "shopify/orders.csv", [_order_row(o, zoned) for o in of["shopify"]])
    files.jsonl_file(out / "ebay/orders.jsonl", [_order_row(o, lambda ms: ms // 1000) for o in of["ebay"]])
    lines = [
        {"order_id": o.id, "line": n, "sku": line.sku, "quantity": line.quantity, "unit_price": money(line.price, o.currency)}
        for o in shop.orders
        for n, line in enumerate(o.lines, 1)
    ]
    files.parquet_file(out / "warehouse/order_items.parquet", lines)


def _feedback(shop: Shop, out: Path) -> None:
    """Returns with decimal commas, reviews as JSON lines, surveys of two systems."""
    berlin = local("Europe/Berlin", "%d.%m.%Y %H:%M")
    returns = [
        {
            "RMA": r.id,
            "Order": r.order.id,
            "SKU": r.sku,
            "Requested": berlin(r.returned),
            "Reason code": r.reason,
            "Customer comment": r.comment,
            "Refund": money(r.refund, r.order.currency).replace(".", ","),
        }
        for r in sorted(shop.returns, key=lambda r: (r.returned, r.id))
    ]
    files.csv_file(out / "warehouse/returns.csv", returns, delimiter=";")
    reviews = [
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
    files.jsonl_file(out / "reviews/reviews.jsonl", reviews)
    surveys = sorted(shop.surveys, key=lambda s: (s.answered, s.id))
    asked = [
        [s.id, s.conversation.id, iso(s.answered), s.score, s.comment] for s in surveys if s.conversation.system != "kefu"
    ]
    files.xlsx_file(out / "surveys/csat.xlsx", {"answers": [["id", "conversation", "answered at", "stars", "comment"], *asked]})
    clock = local("Asia/Shanghai", "%Y/%m/%d %H:%M:%S")
    graded = [
        {"评价ID": s.id, "会话ID": s.conversation.id, "评价时间": clock(s.answered), "评价": GRADES[s.score], "留言": s.comment}
        for s in surveys
        if s.conversation.system == "kefu"
    ]
    files.csv_file(out / "kefu/ratings.csv", graded, encoding="gb18030")


def _office(shop: Shop, out: Path) -> None:
    """What the seller keeps by hand: catalogue, team, shifts, customers."""
    goods = [["SKU", "Product", "Family"], *([p.sku, f"{p.name} {p.nouns['zh'][0][1]}", p.family] for p in products().values())]
    clock = local("Asia/Shanghai", "%Y-%m-%d %H:%M")
    agents = [["Agent", "Name", "Team"], *([a, t["name"], t["team"]] for a, t in world()["agents"].items())]
    shifts = [[s.agent, clock(s.starts), clock(s.ends)] for s in known_shifts(shop.staff)]
    files.xlsx_file(out / "office/catalogue.xlsx", {"catalogue": goods})
    files.xlsx_file(out / "office/team.xlsx", {"agents": agents, "shifts": [["Agent", "From", "To"], *shifts]})
    seen = {o.customer.id for o in shop.orders} | {t.contact.customer.id for t in shop.conversations}
    rows = [
        {
            "customer": c.id,
            "country": c.market,
            "newsletter": {True: "yes", False: "no", None: ""}[c.may_market],
        }
        for c in sorted(shop.people.all.values(), key=lambda c: c.id)
        if c.id in seen
    ]
    files.csv_file(out / "crm/customers.csv", rows)
