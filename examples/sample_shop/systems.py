"""The systems that hold conversations, and how each exports them: its files, its columns, its clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from examples.sample_shop import files
from examples.sample_shop.formats import Clock, iso, local
from examples.sample_shop.orders import shop_of
from examples.sample_shop.second_ids import known_as
from examples.sample_shop.threads import Conversation
from examples.sample_shop.timing import Said

Talks = list[Conversation]


def message_ids(talk: Conversation) -> Iterator[tuple[str, Said]]:
    """The messages of a conversation with their ids."""
    for number, said in enumerate(talk.said, 1):
        yield f"{talk.id}-{number:02d}", said


def _spoken(talks: Talks) -> list[tuple[Conversation, str, Said]]:
    """Messages of many conversations as a system logs them: in the order of time."""
    rows = [(talk, message, said) for talk in talks for message, said in message_ids(talk)]
    return sorted(rows, key=lambda row: (row[2].sent, row[0].id, int(row[1].rsplit("-", 1)[1])))


def _lead(talk: Conversation, clock: Clock) -> tuple[object, ...]:
    """Id, customer, agent, opening and closing."""
    return talk.id, known_as(talk.contact.customer, talk.system), talk.agent, clock(talk.opened), clock(talk.closed)


def _subject(talk: Conversation) -> tuple[str, str]:
    """Order and SKU, where the system knows them."""
    order = talk.contact.order
    return (order.id, talk.contact.sku) if talk.tells_order and order else ("", "")


def _place(talk: Conversation) -> tuple[str, str, str]:
    """Platform, shop and market."""
    customer = talk.contact.customer
    return customer.platform, shop_of(customer), customer.market


def amazon(talks: Talks, out: Path) -> None:
    """One file per marketplace, the order on each message."""
    columns = ["message_id", "thread_id", "sender_type", "sender_staff", "sent_at", "buyer_id"]
    columns += ["amazon_order_id", "asin_sku", "program", "store", "marketplace", "body"]
    who = {"customer": "BUYER", "agent": "SELLER", "bot": "AUTO", "system": "SYSTEM"}
    for market in sorted({t.contact.customer.market for t in talks}):
        rows = [
            [m, t.id, who[s.author], s.agent, iso(s.sent), t.contact.customer.id, *_subject(t), *_place(t), s.turn.text]
            for t, m, s in _spoken([t for t in talks if t.contact.customer.market == market])
        ]
        files.csv_file(out / f"amazon/buyer_messages_{market}.csv", columns, rows)


def ebay(talks: Talks, out: Path) -> None:
    """Times to the minute, on the clock of eBay's home."""
    clock = local("America/Los_Angeles", "%m/%d/%Y %H:%M")
    columns = ["Message ID", "Case", "From", "Handled by", "Date (Pacific)", "Buyer", "Order number", "Item SKU"]
    who = {"customer": "buyer", "agent": "seller", "bot": "ebay", "system": "ebay"}
    rows = [
        [m, t.id, who[s.author], s.agent, clock(s.sent), t.contact.customer.id, *_subject(t), _place(t)[2], s.turn.text]
        for t, m, s in _spoken(talks)
    ]
    files.csv_file(out / "ebay/member_messages.tsv", [*columns, "Site", "Message"], rows, delimiter="\t")


def chat(talks: Talks, out: Path) -> None:
    """The chat window: JSON lines, epoch milliseconds; sessions and messages apart."""
    names = ["session", "visitor", "assignee", "started", "ended", "state", "order", "product"]
    names += ["store", "shop", "country"]
    sessions = [(*_lead(t, lambda ms: ms), "closed" if t.closed else "open", *_subject(t), *_place(t)) for t in talks]
    messages = [
        {"id": m, "session": t.id, "by": s.author, "operator": s.agent, "ts": s.sent, "text": s.turn.text}
        for t, m, s in _spoken(talks)
    ]
    files.jsonl_file(out / "chat/sessions.jsonl", [dict(zip(names, row, strict=True)) for row in sessions])
    files.jsonl_file(out / "chat/messages.jsonl", messages)


def helpdesk(talks: Talks, out: Path) -> None:
    """Mails, kept in Berlin: semicolons, times without a zone, internal notes between the answers."""
    clock = local("Europe/Berlin", "%d.%m.%Y %H:%M:%S")
    columns = ["Ticket", "Requester", "Assignee", "Created", "Solved", "Status", "Order", "Platform", "Shop", "Country"]
    tickets = [
        (*_lead(t, clock), "solved" if t.closed else "pending" if t.agent else "new", _subject(t)[0], *_place(t))
        for t in talks
    ]
    who = {"customer": "end-user", "agent": "staff", "note": "staff", "bot": "system", "system": "system"}
    hidden = ("note", "system")
    comments = [
        [m, t.id, who[s.author], s.agent, "no" if s.author in hidden else "yes", clock(s.sent), s.turn.text]
        for t, m, s in _spoken(talks)
    ]
    files.csv_file(out / "helpdesk/tickets.csv", columns, tickets, delimiter=";")
    columns = ["Comment", "Ticket", "Type", "Staff", "Public", "Created", "Body"]
    files.csv_file(out / "helpdesk/comments.csv", columns, comments, delimiter=";")


def kefu(talks: Talks, out: Path) -> None:
    """The Chinese service desk: GB18030, Chinese headings, Shanghai time."""
    clock = local("Asia/Shanghai", "%Y/%m/%d %H:%M:%S")
    columns = ["会话ID", "客户ID", "接待客服", "开始时间", "结束时间", "状态", "订单号", "平台", "店铺", "国家"]
    sessions = [(*_lead(t, clock), "已解决" if t.closed else "进行中", _subject(t)[0], *_place(t)) for t in talks]
    who = {"customer": "访客", "agent": "客服", "bot": "机器人", "system": "系统"}
    messages = [(m, t.id, who[s.author], s.agent, clock(s.sent), s.turn.text) for t, m, s in _spoken(talks)]
    files.csv_file(out / "kefu/sessions.csv", columns, sessions, encoding="gb18030")
    columns = ["消息ID", "会话ID", "发送方", "客服", "时间", "内容"]
    files.csv_file(out / "kefu/messages.csv", columns, messages, encoding="gb18030")


SYSTEMS = {"amazon": amazon, "ebay": ebay, "chat": chat, "helpdesk": helpdesk, "kefu": kefu}
"""Every system that holds conversations, and how it exports them."""
