"""The words: every table, its grain ("one row per …"), its key, and its columns with meaning and unit.

Moments stand twice: `<name>_ms`, whole milliseconds since 1970 in UTC, is the truth that jobs write and compute with;
`<name>_at`, the same as a timestamp, is made by the store for people and tools. Money is whole minor units (cents).
Dimensions are never null: what nobody told is "unknown".
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

UNKNOWN = "unknown"
"""The value of a dimension that nobody told."""

UNASSIGNED = "unassigned"
"""The topic of a mention that fits no topic yet; always shown, never hidden."""

ALL = "all"
"""In a mart, the sum over a dimension."""

TOO_FEW = "(too few customers)"
"""In a mart, the sum over all texts that too few customers said for them to be shown."""


NO_REPEAT = ("thanks", "asked for")
"""Kinds of contacts (see issue_threads) that are no return of the customer: the one rule for every figure and score."""


@dataclass(frozen=True)
class Same:
    """As another column of the same row."""

    column: str


@dataclass(frozen=True)
class Column:
    """One column: its Arrow type, what it means, its unit, and whether a row may leave it empty.

    `older` is what it holds in rows of an earlier version that did not have it yet.
    """

    name: str
    type: pa.DataType
    meaning: str
    unit: str = ""
    null: bool = False
    older: Same | str | int | tuple[str, ...] | None = None


@dataclass(frozen=True)
class Table:
    """One table of the lake. `key` names the columns that make a row unique; rows are kept in its order."""

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    published: bool = False
    personal: bool = False

    @property
    def previous(self) -> Previous:
        """This table as the last run left it: lets a job keep work that is still right."""
        return Previous(self)

    @property
    def arrow(self) -> pa.Schema:
        """The Arrow schema that the store enforces."""
        return pa.schema([pa.field(c.name, c.type, nullable=c.null) for c in self.columns])


@dataclass(frozen=True)
class Previous:
    """A read of a job's own last output. It is no dependency: it sets neither order nor freshness."""

    table: Table


@dataclass(frozen=True)
class Door:
    """An end of the river: where the world comes in, or where the published file goes out."""

    name: str
    grain: str


def text(name: str, meaning: str, *, null: bool = False, older: Same | str | None = None) -> Column:
    """A text column."""
    return Column(name, pa.string(), meaning, "", null, older)


def texts(name: str, meaning: str, *, older: tuple[str, ...] | None = None) -> Column:
    """A list of texts."""
    return Column(name, pa.list_(pa.string()), meaning, older=older)


def whole(name: str, meaning: str, unit: str = "", *, null: bool = False, older: int | None = None) -> Column:
    """A whole number."""
    return Column(name, pa.int64(), meaning, unit, null, older)


def number(name: str, meaning: str, unit: str = "", *, null: bool = False) -> Column:
    """A real number."""
    return Column(name, pa.float64(), meaning, unit, null)


def flag(name: str, meaning: str, *, null: bool = False) -> Column:
    """Yes, no, or (where allowed) not known."""
    return Column(name, pa.bool_(), meaning, "", null)


def date(name: str, meaning: str, *, null: bool = False) -> Column:
    """A calendar day."""
    return Column(name, pa.date32(), meaning, "", null)


def when(name: str, meaning: str, *, null: bool = False) -> tuple[Column, Column]:
    """A moment, as `<name>_ms` (the truth) and `<name>_at` (made by the store)."""
    return (
        Column(f"{name}_ms", pa.int64(), meaning, "ms since 1970-01-01 UTC", null),
        Column(f"{name}_at", pa.timestamp("us", tz="UTC"), f"{meaning}, as a timestamp", "", null),
    )


WORLD = Door("world", "the files and feeds that insight.toml names")
PUBLISHED = Door("published", "one immutable DuckDB file with a sha256 manifest, behind a pointer")

# ---------------------------------------------------------------- what comes in

CONVERSATIONS = Table(
    "conversations",
    "one row per conversation of a customer with the shop, on one channel",
    ("conversation_id",),
    (
        text("conversation_id", "the source's own id, led by the source's name where ids of two sources could clash"),
        text("source", "name of the source in insight.toml"),
        text("platform", "where the shop sells: amazon, shopify, ebay …"),
        text("channel", "how they talked: chat, email, marketplace, call, social …"),
        text("shop", "which of the seller's shops"),
        text("market", "country or marketplace of the customer"),
        text("language", "the language the customer wrote most in, ISO 639-1"),
        text("customer_key", "keyed hash of the customer"),
        text("first_key", "the same by what was known of customers before they named orders; see customer_links"),
        text("agent_id", "the agent the source names for the conversation", null=True),
        text("order_id", "the order it is about: told by the source, else found in the customer's words", null=True),
        text("sku", "the product it is about, where the source tells", null=True),
        *when("opened", "first message, or the source's own opening time"),
        *when("closed", "when the source closed it", null=True),
        date("day", "day of opening in the business time zone"),
        whole("weekday", "1 Monday … 7 Sunday, of opening, business time zone"),
        whole("hour", "0 … 23, of opening, business time zone"),
        text("status", "open, resolved or unknown"),
    ),
)

MESSAGES = Table(
    "messages",
    "one row per message of a conversation",
    ("message_id",),
    (
        text("message_id", "unique over all sources"),
        text("conversation_id", "its conversation"),
        whole("seq", "1, 2, 3 … in the order of time; of one moment in the order of source, file and line"),
        text("author", "customer, agent, bot or system"),
        text("agent_id", "which agent wrote it", null=True),
        flag("public", "the customer could read it; internal notes are not public"),
        *when("sent", "when it was sent"),
        text("text", "what was said, personal data masked"),
        text("language", "ISO 639-1"),
        whole("masked", "personal items replaced in the text", "items"),
    ),
)

CUSTOMERS = Table(
    "customers",
    "one row per customer",
    ("customer_key",),
    (
        text("customer_key", "keyed hash of the customer's id, which cannot be turned back without the key"),
        text("market", "country or marketplace first seen"),
        text("language", "the language the customer writes most in"),
        *when("first_seen", "first conversation, order or review", null=True),
        flag("may_market", "agreed to receive marketing", null=True),
        whole("merged", "further ids in files of customers that are this customer", "ids", older=0),
    ),
)

IDENTITIES = Table(
    "identities",
    "one row per customer id as a source wrote it: the only way back from a key to a person",
    ("native_id",),
    (text("native_id", "the id as the source wrote it"), text("customer_key", "keyed hash of that id")),
    personal=True,
)

CUSTOMER_LINKS = Table(
    "customer_links",
    "one row per customer key that a link joins to a person",
    ("customer_key",),
    (
        text("customer_key", "keyed hash of one id of the customer"),
        text("person_key", "the customer_key under which all tables know the person"),
        text("by", "'source says so', 'same e-mail', 'same phone' or 'same order'"),
        text("through", "the order that both named; nothing for what is only kept as a hash", null=True),
        *when("since", "when the link became known; null: from the start", null=True),
        whole("conversations", "of this id", "conversations"),
    ),
    published=True,
)

AGENTS = Table(
    "agents",
    "one row per agent",
    ("agent_id",),
    (
        text("agent_id", "the source's own id"),
        text("name", "as the seller calls the agent"),
        text("team", "the agent's team"),
    ),
)

SHIFTS = Table(
    "shifts",
    "one row per agent and start of a shift",
    ("agent_id", "starts_ms"),
    (
        text("agent_id", "who is on shift"),
        *when("starts", "start of the shift"),
        *when("ends", "end of the shift"),
    ),
)

ORDERS = Table(
    "orders",
    "one row per order",
    ("order_id",),
    (
        text("order_id", "the platform's own id"),
        text("platform", "amazon, shopify, ebay …"),
        text("shop", "which of the seller's shops"),
        text("market", "country or marketplace"),
        text("customer_key", "who bought"),
        Column(
            "customer_told", pa.bool_(), "a source names who bought; else the order is a customer of its own", older=1
        ),
        *when("ordered", "when it was placed"),
        date("day", "day of the order in the business time zone"),
        *when("promised", "latest delivery that was promised", null=True),
        *when("shipped", "handed to the carrier", null=True),
        *when("delivered", "delivered to the customer", null=True),
        text("carrier", "who carries it"),
        text("lane", "from where to where, e.g. CN-DE"),
        text("warehouse", "where it was packed", older=UNKNOWN),
        text("currency", "ISO 4217; the shop's own where the order names none"),
        Column("currency_told", pa.bool_(), "the order names its currency", older=1),
        whole("total_minor", "what the customer paid", "minor units of currency", null=True),
        whole("cost_minor", "what goods, freight and fees cost the seller", "minor units of currency", null=True),
        text("status", "as the platform says: delivered, shipped, cancelled …"),
    ),
)

ORDER_ITEMS = Table(
    "order_items",
    "one row per line of an order",
    ("order_id", "line"),
    (
        text("order_id", "its order"),
        whole("line", "1, 2, 3 …"),
        text("sku", "what was bought"),
        whole("quantity", "how many", "pieces"),
        whole("price_minor", "price of one piece", "minor units of the order's currency", null=True),
    ),
)

RETURNS = Table(
    "returns",
    "one row per return of a line of an order",
    ("return_id",),
    (
        text("return_id", "unique over all sources"),
        text("order_id", "the order it belongs to"),
        text("sku", "what came back", null=True),
        *when("returned", "when the return was asked for"),
        text("reason", "as the platform codes it"),
        text("comment", "the customer's words, personal data masked", null=True),
        text("language", "of the comment, ISO 639-1"),
        whole("refund_minor", "what was paid back", "minor units of the order's currency", null=True),
    ),
)

REVIEWS = Table(
    "reviews",
    "one row per review of an order or a product",
    ("review_id",),
    (
        text("review_id", "unique over all sources"),
        text("order_id", "the order it is about", null=True),
        text("sku", "the product it is about", null=True),
        text("customer_key", "who wrote it", null=True),
        text("platform", "where it was written"),
        text("market", "country or marketplace"),
        *when("reviewed", "when it was written"),
        date("day", "day of the review in the business time zone"),
        number("score", "on the native scale"),
        number("scale_min", "worst score of the native scale"),
        number("scale_max", "best score of the native scale"),
        number("rating", "score brought to 0 (worst) … 1 (best)"),
        text("text", "title and words, personal data masked", null=True),
        text("language", "ISO 639-1"),
    ),
)

SURVEYS = Table(
    "surveys",
    "one row per answered satisfaction survey",
    ("survey_id",),
    (
        text("survey_id", "unique over all sources"),
        text("conversation_id", "the conversation it asks about"),
        *when("answered", "when it was answered"),
        number("score", "on the native scale"),
        number("scale_min", "worst score of the native scale"),
        number("scale_max", "best score of the native scale"),
        number("rating", "score brought to 0 (worst) … 1 (best)"),
        text("comment", "the customer's words, personal data masked", null=True),
        text("language", "of the comment, ISO 639-1"),
    ),
)

CATALOGUE = Table(
    "catalogue",
    "one row per product that the shop sells",
    ("sku",),
    (
        text("sku", "stock keeping unit"),
        text("name", "as it is listed"),
        text("family", "product family"),
        text("listing", "the words of the listing: what customers were promised", null=True),
    ),
)

TICKET_EVENTS = Table(
    "ticket_events",
    "one row per change of state of a conversation, as its system logged it",
    ("event_id",),
    (
        text("event_id", "unique over all sources"),
        text("conversation_id", "its conversation"),
        *when("occurred", "when it happened"),
        text("kind", "opened, solved, reopened, closed, assigned, team, escalated, schedule or priority"),
        text("value", "the new agent, team, schedule or priority, where the kind has one", null=True),
        text("agent_id", "who did it", null=True),
    ),
)

EXCHANGE_RATES = Table(
    "exchange_rates",
    "one row per currency and moment from which a rate holds, until the next one",
    ("currency", "valid_from_ms"),
    (
        text("currency", "ISO 4217"),
        *when("valid_from", "the rate holds from here on"),
        number("rate", "units of the shop's own currency for one unit of this one"),
    ),
)

INTAKE = Table(
    "intake",
    "one row per file that was read",
    ("source", "file"),
    (
        text("source", "name of the source in insight.toml"),
        text("file", "path below the folder of insight.toml"),
        text("feeds", "the table it feeds"),
        text("sha256", "of the file's bytes"),
        whole("rows_in", "rows found in the file", "rows"),
        whole("rows_out", "rows that went on", "rows"),
        whole("rows_skipped", "rows that the mapping says to leave out", "rows"),
        whole("rows_rejected", "rows that were refused, each with its reasons in rejects", "rows"),
    ),
    published=True,
)

REJECTS = Table(
    "rejects",
    "one row per reason why a row of a file was refused",
    ("source", "file", "line", "field"),
    (
        text("source", "name of the source in insight.toml"),
        text("file", "path below the folder of insight.toml"),
        whole("line", "line or row number in the file, the header being 1; 0 for the whole file"),
        text("field", "which column"),
        text("reason", "short code: missing, not_a_time, naive_time, duplicate, not_a_number …"),
        text("came", "what was found, masked and cut to 80 characters"),
        text("wanted", "what would have been accepted"),
        text("fix", "what to do"),
    ),
    published=True,
)

# ---------------------------------------------------------------- what the words say

MENTIONS = Table(
    "mentions",
    "one row per piece of a customer's text that says something about an issue or a wish",
    ("mention_id",),
    (
        text("mention_id", "origin and number of the piece"),
        text("origin", "message, review, survey or return: where it was said"),
        text("origin_id", "id of that message, review, survey or return"),
        text("conversation_id", "its conversation, where there is one", null=True),
        text("customer_key", "who said it"),
        text("order_id", "the order it is about", null=True),
        text("sku", "the product it is about: told, or the only product of the order"),
        text("platform", "amazon, shopify, ebay …"),
        text("market", "country or marketplace"),
        text("language", "ISO 639-1"),
        *when("said", "when it was said"),
        date("day", "that day in the business time zone"),
        text("text", "the piece, personal data masked"),
        text("text_hash", "hash of the piece after folding: equal words are embedded once"),
    ),
    published=True,
)

FILTERED = Table(
    "filtered",
    "one row per piece of a customer's text that is no mention",
    ("origin_id", "piece"),
    (
        text("origin", "message, review, survey or return"),
        text("origin_id", "id of that message, review, survey or return"),
        whole("piece", "number of the piece in its text"),
        text(
            "reason",
            "greeting, thanks, acknowledgement, answer, identification, menu_choice, quoted, signature …",
        ),
    ),
)

ENCODER_LESSONS = Table(
    "encoder_lessons",
    "one row per encoder that has learned from the shop's texts: one, or none where it speaks as it ships",
    ("version",),
    (
        text("version", "digest of the taught table; all vectors of a run come from one version"),
        text("taught_from", "digest of the shipped table, and the number of the rules of features"),
        whole("texts", "distinct texts it learned from", "texts"),
        whole("read_by_teacher", "English texts that the teacher read", "texts"),
        whole("new_features", "features that the shipped table lacks", "features"),
    ),
)

ENCODER_FEATURES = Table(
    "encoder_features",
    "one row per feature of the taught encoder, none where it speaks as it ships",
    ("feature",),
    (
        whole("feature", "64-bit hash of a word, a pair of words or a piece of a word; no word can be read from it"),
        Column("weights", pa.binary(), "one signed byte per dimension"),
        number("scale", "what the bytes are multiplied by"),
    ),
)

VECTORS = Table(
    "vectors",
    "one row per distinct text of a mention, and per phrase of the taxonomy",
    ("text_hash",),
    (
        text("text_hash", "hash of the text"),
        text("encoder", "which encoder made it; vectors of two encoders never mix"),
        Column("vector", pa.list_(pa.float32()), "unit length"),
    ),
)

TOPICS = Table(
    "topics",
    "one row per topic that is or ever was, and one for what fits none yet",
    ("topic_id",),
    (
        text("topic_id", "permanent: family.leaf of the taxonomy, or t and ten hex digits"),
        text("family", "of the taxonomy; null where the topic was found in the texts", null=True),
        text("kind", "seed: of the taxonomy; found: in the texts; none: what fits no topic", older="found"),
        text("state", "live, new, candidate (a person may accept it), muted, merged or retired", older="new"),
        text("automatic_state", "the state before people's edits", older="new"),
        text("merged_into", "the topic that took it in", null=True),
        text("like_id", "another topic that it may be a part of; a person decides", null=True),
        text("name_en", "readable name"),
        text("name_zh", "readable name in Chinese"),
        text("named_by", "taxonomy, rule, model or person", older="rule"),
        text(
            "naming",
            "what a language model's help came to: named, not asked, refused or no answer, and why; empty where it is "
            "switched off, or people or the taxonomy name the topic",
            older="",
        ),
        text("naming_model", "the model that was asked for the name", null=True),
        texts("words", "the words that set it apart, best first"),
        texts("why", "words of the reasons that customers tell, clearest first", older=()),
        texts("why_zh", "the same in Chinese", older=()),
        whole("mentions", "pieces of text about it", "mentions"),
        whole("customers", "distinct customers who spoke about it", "customers"),
        number("share", "of all mentions", "share"),
        *when("first_said", "first mention", null=True),
        *when("last_said", "last mention", null=True),
    ),
    published=True,
)

MENTION_TOPICS = Table(
    "mention_topics",
    "one row per mention",
    ("mention_id",),
    (
        text("mention_id", "the mention"),
        text("topic_id", "its topic, or 'unassigned'"),
        number("similarity", "cosine to the centre of the topic; 0 where unassigned, or told by the context alone"),
        text(
            "how",
            "seed: the taxonomy; found: a cluster; context: the one topic of its conversation; manual: a person; none",
            older="found",
        ),
        whole("version", "of the run that placed it here; an assignment that stays keeps its version", older=1),
        text("automatic_id", "the topic before people's edits, or 'unassigned'", older=Same("topic_id")),
        text("automatic_how", "how the machine came to that: seed, found, context or none", older="found"),
    ),
    published=True,
)

MENTION_TAGS = Table(
    "mention_tags",
    "one row per mention and further topic that a person gave it, beside the automatic one",
    ("mention_id", "topic_id"),
    (
        text("mention_id", "the mention"),
        text("topic_id", "the further topic"),
        text("who", "who tagged it"),
        text("edit_id", "the edit that did"),
    ),
    published=True,
)

TOPIC_HISTORY = Table(
    "topic_history",
    "one row per thing that happened to a topic, by the machine or by an edit",
    ("topic_id", "event", "version", "edit_id"),
    (
        text("topic_id", "the topic"),
        text("event", "born, retired, reactivated; merged into, split from, renamed, muted, accepted …"),
        whole("version", "of the run in which the machine did it; 0 for an edit"),
        text("edit_id", "the edit that did it; empty for the machine"),
        text("other_id", "the other topic, where there is one", null=True),
        *when("decided", "when the edit was taken", null=True),
    ),
    published=True,
)

TOPIC_MAP = Table(
    "topic_map",
    "one row per topic that somebody speaks of: its place among the others, on a map and in a tree",
    ("topic_id",),
    (
        text("topic_id", "the topic"),
        number("x", "across the map, -1 to 1; near topics are about alike, the axes themselves mean nothing"),
        number("y", "up the map, -1 to 1"),
        text("parent", "its family of the taxonomy, else the nearest; null where no family is spoken of", null=True),
        whole("place", "in the order of the tree's leaves, from 1"),
        number("joined", "height at which it meets those before it; null for the first", "1 - cosine", null=True),
        texts("nearest", "up to five topics that are most alike, best first; a person may want to merge them"),
    ),
    published=True,
)

TOPIC_QUOTES = Table(
    "topic_quotes",
    "one row per quote of a topic, nearest to its centre first, each from another customer",
    ("topic_id", "rank"),
    (
        text("topic_id", "the topic"),
        whole("rank", "1 is nearest to the centre"),
        text("mention_id", "where it was said"),
        text("quote", "the words, personal data masked"),
        text("language", "ISO 639-1"),
    ),
    published=True,
)

MENTION_SENTIMENT = Table(
    "mention_sentiment",
    "one row per mention",
    ("mention_id",),
    (
        text("mention_id", "the mention"),
        number("negative", "probability"),
        number("neutral", "probability"),
        number("positive", "probability"),
        text("label", "negative, neutral, positive, or unsure where no class is likely enough"),
        text("speaks", "whose head: shipped, or own where one was learned from the seller's stars and surveys"),
    ),
    published=True,
)

SENTIMENT_HEAD = Table(
    "sentiment_head",
    "one row per feature of the seller's own sentiment head; none where the shipped head speaks",
    ("feature",),
    (
        text("feature", "hash of a word or of a piece of text, or the name of a number of the head"),
        number("scale", "inverse document frequency of a hash; the value of a single number"),
        number("negative", "weight for this class", "log-odds"),
        number("neutral", "weight for this class", "log-odds"),
        number("positive", "weight for this class", "log-odds"),
    ),
)

CONVERSATION_SENTIMENT = Table(
    "conversation_sentiment",
    "one row per conversation whose customer said something in words",
    ("conversation_id",),
    (
        text("conversation_id", "the conversation"),
        whole("scored", "the customer's public messages with words", "messages"),
        number("start_mood", "mean of the first third of them, at least one", "-1 (bad) to 1 (good)"),
        number("end_mood", "mean of the last third of them, at least one", "-1 (bad) to 1 (good)"),
        number("lowest_mood", "of the worst of them", "-1 (bad) to 1 (good)"),
        number("slope", "change by least squares; null for a single message", "mood per message", null=True),
        flag("turned_bad", "the worst of them was clearly bad: -0.5 or below"),
        flag(
            "recovered",
            "it ended above -0.25 after it had turned bad; null where it never did, or where the customer wrote once",
            null=True,
        ),
        text("speaks", "whose head: shipped, or own where one was learned from the seller's stars and surveys"),
    ),
    published=True,
)

ISSUE_THREADS = Table(
    "issue_threads",
    "one row per conversation and issue: who wrote again about the same thing, on any channel",
    ("conversation_id", "topic_id"),
    (
        text("conversation_id", "the conversation"),
        text("topic_id", "the issue"),
        text("thread_id", "the same for all conversations of one customer about one issue"),
        text("customer_key", "who"),
        text("order_id", "about which order", null=True),
        *when("contacted", "when the customer first wrote about the issue in this conversation"),
        whole("nth", "1 for the first contact about the issue, 2 for the second …; thanks and answers add nothing"),
        text("previous_conversation_id", "the contact before", null=True),
        number("gap_hours", "since the contact before", "hours", null=True),
        text(
            "link",
            "why it belongs to the contact before: 'same order and issue', 'same issue', 'same order' (words fit no "
            "topic), 'same order, near issue' (one family of topics), 'customer says so' (still no news); else 'first'",
        ),
        text(
            "kind",
            "first, repeat, thanks (the matter is settled) or asked for (the shop wanted a photo, a number); only the "
            "first two count as contacts",
            older="repeat",
        ),
        text("proof", "the customer's sentence that shows the issue, masked"),
    ),
    published=True,
)

DEMAND_MENTIONS = Table(
    "demand_mentions",
    "one row per mention that asks for a product, an accessory or a variant",
    ("mention_id",),
    (
        text("mention_id", "the mention"),
        text("asked", "what is asked for, under one name in English where it is a listed thing"),
        text("for_what", "the product it should go with", null=True),
        text("frame", "which pattern found it"),
        text("sku", "the product of the catalogue that answers it", null=True),
        flag("sold", "the catalogue has it"),
    ),
    published=True,
)

# ---------------------------------------------------------------- what happened: row-level truths

CONVERSATION_FACTS = Table(
    "conversation_facts",
    "one row per conversation: what happened in it and after it",
    ("conversation_id",),
    (
        text("conversation_id", "the conversation"),
        text("platform", "amazon, shopify, ebay …"),
        text("shop", "which shop"),
        text("market", "country or marketplace"),
        text("language", "of the customer"),
        text("channel", "chat, email, marketplace …"),
        text("agent_id", "the first human who answered, else the agent the source names"),
        text("team", "that agent's team"),
        text("sku", "the product"),
        text("family", "its product family"),
        text("carrier", "of its order"),
        text("topic_id", "the topic with most mentions in it; 'unassigned' if none fits, 'unknown' without one"),
        text("customer_key", "who wrote"),
        text("order_id", "about which order", null=True),
        *when("opened", "when it opened"),
        date("day", "day of opening, business time zone"),
        whole("weekday", "1 Monday … 7 Sunday"),
        whole("hour", "0 … 23"),
        whole("messages", "all public messages", "messages"),
        whole("customer_messages", "by the customer", "messages"),
        whole("agent_messages", "by human agents, public", "messages"),
        flag("needs_answer", "the customer wrote at least once"),
        flag("answered", "a human answered the customer in public"),
        whole("first_response_ms", "first customer message to first public human reply after it", "ms", null=True),
        whole("waits", "times the customer waited and was answered", "times"),
        flag(
            "late_response",
            "the first response took longer than the channel's limit, or is still missing after it; "
            "null where no answer is needed, or where the limit had not passed when the data end",
            null=True,
        ),
        whole("wait_ms", "sum of those waits, each from the first unanswered message", "ms"),
        whole(
            "handle_ms",
            "time people were active in it: gaps between messages that end in a person's message or note, "
            "each counted up to 5 minutes; null where no person wrote",
            "ms",
            null=True,
        ),
        whole(
            "handle_shared_ms",
            "the same time, moments in which an agent was active in several conversations shared equally among them; "
            "over an agent's conversations it adds up to the time in which the agent was active",
            "ms",
            null=True,
        ),
        whole("duration_ms", "first to last public message", "ms", null=True),
        whole("open_ms", "opened to closed, by the source's own times; null while open", "ms", null=True),
        text("schedule", "whose opening hours counted when it opened; 'unknown' where no schedule fits"),
        whole(
            "first_response_business_ms",
            "first_response_ms within opening hours, of all schedules it had; null where one of them is unknown",
            "ms",
            null=True,
        ),
        flag("late_response_business", "late_response on the clock of the business; null without one", null=True),
        whole("first_resolution_ms", "opened to settled for the first time", "ms", null=True),
        whole("first_resolution_business_ms", "the same within opening hours", "ms", null=True),
        whole("full_resolution_ms", "opened to settled for the last time; null while open again", "ms", null=True),
        whole("full_resolution_business_ms", "the same within opening hours", "ms", null=True),
        whole("reopens", "times it was opened again; without a log, at most the one after closing", "times", null=True),
        whole("handoffs", "changes of agent: of who is assigned, where that is logged, else of who answers", null=True),
        whole("transfers", "of them, to an agent of another team; null where a team is unknown", "times", null=True),
        flag("escalated", "its log says so; null where its source never logs an escalation", null=True),
        text("resolved_by", "who settled it: by the log, else the last agent who wrote before it", null=True),
        flag("closed_at_once", "settled within 15 minutes of opening; null where not settled", null=True),
        flag("one_reply", "settled with exactly one public message of a person; null where not settled", null=True),
        flag("one_teammate", "settled and exactly one person wrote in it; null where not settled", null=True),
        whole("agents", "distinct human agents", "agents"),
        flag("resolved", "the source closed it", null=True),
        flag("matured", "seven days have passed since, so a return would have been seen"),
        flag(
            "came_back",
            "the same customer wrote again about the same issue or the same order within 7 days; null until matured, "
            "and where no return could be seen: without an issue, or with no order and no issue that fits a topic",
            null=True,
        ),
        flag("surveyed", "the customer answered a survey; null where no survey is told at all", null=True),
        number("csat_score", "survey score on the native scale", null=True),
        number("csat_rating", "survey score brought to 0 … 1", null=True),
        flag("top_box", "best score of the scale", null=True),
        flag("top_two", "one of the two best scores; null where the scale has fewer than four steps", null=True),
        flag("turned_bad", "the customer's mood was clearly bad at some point; null without words", null=True),
        flag("recovered", "it had turned bad and did not end bad; see conversation_sentiment", null=True),
        flag(
            "presale",
            "the customer had no order when it opened, and it names none; null where orders do not reach back, or "
            "where no customer of its source has an order",
            null=True,
        ),
        flag("converted", "a presale customer ordered within 7 days; null until matured, or not presale", null=True),
    ),
    published=True,
)

CUSTOMER_TURNS = Table(
    "customer_turns",
    "one row per time a customer waited: from the first unanswered message to a person's next public one",
    ("conversation_id", "turn"),
    (
        text("conversation_id", "its conversation"),
        whole("turn", "1, 2 … in its conversation"),
        text("platform", "amazon, shopify, ebay …"),
        text("shop", "which shop"),
        text("market", "country or marketplace"),
        text("language", "of the customer"),
        text("channel", "chat, email, marketplace …"),
        text("agent_id", "the human who answered; while nobody has, the agent of the conversation"),
        text("team", "that agent's team"),
        text("sku", "the product of the conversation"),
        text("family", "its product family"),
        text("carrier", "of its order"),
        text("topic_id", "what the conversation is mainly about"),
        text("customer_key", "who waited"),
        *when("since", "the first message that nobody had answered"),
        *when("until", "a person's next public message; null while unanswered", null=True),
        date("day", "day of since_ms, business time zone"),
        whole("weekday", "1 Monday … 7 Sunday, of since_ms"),
        whole("hour", "0 … 23, of since_ms"),
        flag("answered", "a person ended it before the data end"),
        whole("wait_ms", "since to until; null while unanswered", "ms", null=True),
        whole("waited_ms", "the same; while unanswered, up to where the data end", "ms"),
        flag("needs_reply", "not only thanks or an acknowledgement; an answer to the shop's question needs one"),
        flag(
            "late",
            "it took longer than the channel's limit for first responses, or is unanswered after it; null where no "
            "reply is needed, or where the limit had not passed when the data end",
            null=True,
        ),
        flag("late_24h", "the same with 24 hours on the calendar for every channel, as Amazon counts", null=True),
    ),
    published=True,
)

ORDER_FACTS = Table(
    "order_facts",
    "one row per order: how it was delivered, what came back, what was said",
    ("order_id",),
    (
        text("order_id", "the order"),
        text("platform", "amazon, shopify, ebay …"),
        text("shop", "which shop"),
        text("market", "country or marketplace"),
        text("carrier", "who carried it"),
        text("lane", "from where to where"),
        text("warehouse", "where it was packed"),
        text("sku", "its product, or the first by line where there are several"),
        text("family", "its product family"),
        text("customer_key", "who bought"),
        *when("ordered", "when"),
        date("day", "day of the order, business time zone"),
        date("ship_week", "Monday of the week in which the carrier got it, business time zone", null=True),
        text("currency", "ISO 4217"),
        whole("total_minor", "what was paid", "minor units", null=True),
        whole(
            "total_shop_minor",
            "the same in the shop's currency, at the rate that held when it was placed; null without a rate",
            "minor units of the shop's currency",
            null=True,
        ),
        flag("cancelled", "as its platform says; null where it tells no status", null=True),
        whole("items", "pieces bought", "pieces"),
        flag("delivered", "it arrived; null where its platform tells no delivery at all", null=True),
        flag(
            "late",
            "not delivered when the promised day was over; null where nothing was promised, that day is not over, "
            "the order was cancelled, or its platform tells no delivery at all",
            null=True,
        ),
        number("promised_days", "placed to the end of what was promised", "days", null=True),
        number("transit_days", "shipped to delivered", "days", null=True),
        number("late_days", "end of what was promised to delivered; below 0 where it came early", "days", null=True),
        flag("returned", "at least one line came back; null where no return is told at all", null=True),
        flag(
            "returned_30d",
            "within 30 days of delivery; null until 30 days have passed, where it was not delivered, or where no "
            "return is told at all",
            null=True,
        ),
        text("return_reason", "reason of the first return", null=True),
        whole("refund_minor", "paid back; null where no refund is told at all", "minor units", null=True),
        whole(
            "refund_shop_minor",
            "the same in the shop's currency, each return at the rate of its order; null without a rate",
            "minor units of the shop's currency",
            null=True,
        ),
        whole("cost_shop_minor", "goods, freight and fees; null where unknown", "minor units, shop's", null=True),
        whole(
            "margin_shop_minor",
            "total less cost less refund; null where one of them is unknown, or the order was cancelled",
            "minor units of the shop's currency",
            null=True,
        ),
        number("review_rating", "mean of its reviews, 0 … 1", null=True),
        flag("bad_review", "lowest two fifths of the scale (≤ 2 of 5 stars)", null=True),
        whole("contacts", "conversations about it", "conversations"),
        whole(
            "contacts_28d",
            "of them, those opened before 28 days had passed since it was placed; null until then, and where no "
            "conversation names an order at all",
            "conversations",
            null=True,
        ),
        flag("contacted", "at least one of those; null likewise", null=True),
    ),
    published=True,
)

CUSTOMER_FACTS = Table(
    "customer_facts",
    "one row per customer whom a source names and who bought: what came of the first order that the data hold",
    ("customer_key",),
    (
        text("customer_key", "who"),
        text("platform", "of the first order"),
        text("shop", "of the first order"),
        text("market", "of the first order"),
        text("sku", "of the first order"),
        text("family", "of the first order"),
        *when("first_ordered", "the first order that was not cancelled"),
        date("day", "day of that order, business time zone"),
        *when("last_ordered", "the last one"),
        whole("orders", "not cancelled", "orders"),
        whole("cancelled_orders", "cancelled", "orders"),
        whole("contacts", "conversations of this customer, on any channel", "conversations"),
        flag("repurchased_90d", "bought again on a later day, within 90 days; null until they have passed", null=True),
        flag("repurchased_180d", "within 180 days", null=True),
        whole(
            "revenue_90d_minor", "paid within 90 days of the first order; null until then", "see lifetime", null=True
        ),
        whole("margin_90d_minor", "margin of those orders; null until then", "see lifetime", null=True),
        whole(
            "lifetime_revenue_minor",
            "paid to date, before refunds; null where one order has no amount or no rate",
            "minor units of the shop's currency",
            null=True,
        ),
        whole(
            "lifetime_refund_minor",
            "paid back to date; null where one of them is unknown",
            "minor units of the shop's currency",
            null=True,
        ),
        whole(
            "lifetime_margin_minor",
            "margin to date: what was paid less cost and refunds; null where that of one order is unknown",
            "minor units of the shop's currency",
            null=True,
        ),
    ),
    published=True,
)

RISK_SCORES = Table(
    "risk_scores",
    "one row per risk head and case: how likely its outcome is, and why",
    ("head", "case_id"),
    (
        text("head", "repeat_contact, next_contact, low_csat, bad_review, defect_return, dispute …"),
        text("case_id", "the conversation or the order, as the head counts cases"),
        text("conversation_id", "the conversation", null=True),
        text("order_id", "the order", null=True),
        text("customer_key", "who"),
        text("market", "country or marketplace"),
        text("language", "of the customer; a group for calibration, never a reason"),
        *when("scored", "the moment the score speaks for: nothing later is used"),
        text("speaks", "which model: scorecard (points set by hand), blend (moved by own cases) or own"),
        number("base", "log-odds where no reason applies", "log-odds"),
        texts("reasons", "why, in words, strongest first"),
        texts("reasons_zh", "the same in Chinese"),
        Column("points", pa.list_(pa.float64()), "what each reason adds; base + points = logit", "log-odds"),
        number("logit", "base and points added; the curve of risk_weights moves it from interval to interval"),
        number("probability", "that it happens within the head's own window", "share"),
        number("within_1d", "within 1 day; null for a head that knows no days", "share", null=True),
        number("within_3d", "within 3 days", "share", null=True),
        number("within_14d", "within 14 days", "share", null=True),
        number("within_30d", "within 30 days", "share", null=True),
        flag(
            "happened", "what then happened within the window; null until matured, or where nobody answered", null=True
        ),
    ),
    published=True,
)

RISK_WEIGHTS = Table(
    "risk_weights",
    "one row per risk head and term of its model",
    ("head", "kind", "term"),
    (
        text("head", "the head"),
        text("kind", "curve (an interval of days), sign, or group (a market or language that is recalibrated)"),
        text("term", "the interval's end in days, the sign's name, or market=DE"),
        text("speaks", "scorecard, blend or own"),
        number("prior", "what the card says", "log-odds"),
        number("spread", "how far own cases may move it: standard deviation of the prior", "log-odds"),
        number("weight", "what counts", "log-odds"),
        number("error", "its standard error; the prior's spread where no own case counts", "log-odds"),
        text("words", "what the sign says, in English", null=True),
        text("words_zh", "the same in Chinese", null=True),
    ),
    published=True,
)

RISK_CARDS = Table(
    "risk_cards",
    "one row per risk head and part of its cases: on what it was measured, and how good it is there",
    ("head", "part", "value"),
    (
        text("head", "the head"),
        text("part", "all, market, language, or seen (first contact, came before)"),
        text("value", "which one; 'all' for all"),
        text("speaks", "scorecard, blend or own: whose scores were measured"),
        text("because", "why this one speaks, in a word: too few, no gain, worse calibration, gain, worse than before"),
        date("trained_since", "first day of the cases it learned from", null=True),
        date("trained_until", "first day after them", null=True),
        date("tested_since", "first day of the cases it was measured on", null=True),
        date("tested_until", "first day after them", null=True),
        whole("cases", "cases measured: matured, and answered where an answer is needed", "cases"),
        whole("events", "of them, those with the outcome", "cases"),
        whole("unmatured", "cases that were left out since their window is not over", "cases"),
        whole("trained", "matured cases it learned from", "cases"),
        whole("trained_events", "of them, those with the outcome", "cases"),
        number(
            "response_rate", "of those who were asked, who answered; null where nobody need answer", "share", null=True
        ),
        number("expected", "events by its chances", "cases"),
        number("ratio", "observed by expected", "times", null=True),
        number("ratio_low", "lower end of its 95 % interval", "times", null=True),
        number("ratio_high", "upper end of it", "times", null=True),
        text("calibration", "calibrated, recalibrated, more than expected, fewer than expected or too few"),
        number("auc", "how often a case with the outcome has the higher score", "share", null=True),
        number("auc_low", "lower end of its 95 % interval, drawn over customers", "share", null=True),
        number("auc_high", "upper end of it", "share", null=True),
        number("average_precision", "mean precision over the cases with the outcome", "share", null=True),
        number("lift_at_10", "rate among the tenth with the highest scores by the usual rate", "times", null=True),
        number("ece", "expected calibration error", "share", null=True),
        number("card_auc", "the scorecard's on the same cases", "share", null=True),
        number("gain", "AUC above the scorecard's", "share", null=True),
        number("gain_low", "lower end of its 95 % interval", "share", null=True),
        number("challenger_gain", "AUC of boosted trees above ours in a purged rolling backtest", "share", null=True),
        number("challenger_low", "lower end of its 95 % interval", "share", null=True),
    ),
    published=True,
)

RISK_WEEKS = Table(
    "risk_weeks",
    "one row per risk head and week of matured cases: what happened beside what was expected",
    ("head", "week"),
    (
        text("head", "the head"),
        date("week", "its Monday, business time zone"),
        whole("cases", "matured, and answered where an answer is needed", "cases"),
        whole("events", "of them, those with the outcome", "cases"),
        number("expected", "by the chances they were given", "cases"),
        number("ratio", "observed by expected", "times", null=True),
        number("low", "lower end of its 95 % interval", "times", null=True),
        number("high", "upper end of it", "times", null=True),
        text("verdict", "calibrated, drifted (the interval leaves 0.8 to 1.25 out) or cannot tell"),
    ),
    published=True,
)

# ---------------------------------------------------------------- what people decide by

KPIS = Table(
    "kpis",
    "one row per KPI and period: the last 28 complete days of the data that can be judged, and the 28 days before, "
    "where the data reach back over them",
    ("kpi", "period"),
    (
        text("kpi", "name of the KPI"),
        text("group", "volume, efficiency, quality or benefit"),
        text("period", "current or previous"),
        text("label", "short name"),
        text("label_zh", "short name in Chinese"),
        date("since", "first day of the period"),
        date("until", "first day after the period"),
        number("num", "sum on top, null for percentiles and distinct counts", null=True),
        number("den", "sum below, null for percentiles and distinct counts", null=True),
        whole("n", "rows that were counted", "rows"),
        number("value", "null where nothing was counted", null=True),
        number("low", "lower end of the 95 % interval", null=True),
        number("high", "upper end of the 95 % interval", null=True),
        text("unit", "share, seconds, count, per 100 …"),
        text("better", "up, down or neither"),
        text("asks", "the question it answers"),
        text("asks_zh", "the question in Chinese"),
        text("means", "its definition in words"),
        text("example", "a case worked by hand"),
        number("target", "what the whole shop aims at, in the same unit; null where nobody told", null=True),
        number("benchmark", "what others reach; null where nobody told", null=True),
    ),
    published=True,
)

FINDINGS = Table(
    "findings",
    "one row per outcome and part of a split in which it surely differs from the rest, the largest difference first",
    ("rank",),
    (
        whole("rank", "1 differs most: by the nearer end of its interval, in spreads of single rows"),
        text("outcome", "review, bad_review, returned_30d, late, contacted, csat, came_back, turned_bad, converted"),
        text("split", "what sets the rows apart: late, returned, carrier, market …"),
        text("part", "yes, or a value of the split"),
        text("unit", "stars of 5, or share"),
        whole("n", "rows of the part", "rows"),
        number("value", "the outcome in the part: a mean or a share", "unit"),
        whole("others_n", "rows of the others", "rows"),
        number("others", "the outcome in the others", "unit"),
        number("difference", "value less others; goes together, no cause", "unit"),
        number("low", "lower end of its 95 % interval", "unit"),
        number("high", "upper end of it", "unit"),
        number("p", "chance of so large a difference where there is none", "share"),
        number("q", "the same after Benjamini and Hochberg over all that was compared", "share"),
        text("said", "as a sentence"),
        text("said_zh", "the same in Chinese"),
    ),
    published=True,
)

FINDINGS = Table(
    "findings",
    "one row per outcome and part of a split in which it surely differs from the rest, the largest difference first",
    ("rank",),
    (
        whole("rank", "1 differs most: by the nearer end of its interval, in spreads of single rows"),
        text("outcome", "review, bad_review, returned_30d, late, contacted, csat, came_back, turned_bad, converted"),
        text("split", "what sets the rows apart: late, returned, carrier, market …"),
        text("part", "yes, or a value of the split"),
        text("unit", "stars of 5, or share"),
        whole("n", "rows of the part", "rows"),
        number("value", "the outcome in the part: a mean or a share", "unit"),
        whole("others_n", "rows of the others", "rows"),
        number("others", "the outcome in the others", "unit"),
        number("difference", "value less others; goes together, no cause", "unit"),
        number("low", "lower end of its 95 % interval", "unit"),
        number("high", "upper end of it", "unit"),
        number("p", "chance of so large a difference where there is none", "share"),
        number("q", "the same after Benjamini and Hochberg over all that was compared", "share"),
        text("said", "as a sentence"),
        text("said_zh", "the same in Chinese"),
    ),
    published=True,
)

LOW_SCORES = Table(
    "low_scores",
    "one row per kind of score and topic, and per word that low scores surely hold more often than the others",
    ("kind", "reason_kind", "reason"),
    (
        text("kind", "survey: of a conversation; review: of an order"),
        text("reason_kind", "topic or word"),
        text("reason", "the topic's id, or the word"),
        text("reason_en", "the word for a reader of English; of a topic its id"),
        text("reason_zh", "the same in Chinese"),
        whole("rank", "1 is set apart most, by the nearer end of its interval"),
        whole("customers", "distinct customers who speak of the topic; of a word, among low scores", "customers"),
        whole("low_n", "low scores (lowest two fifths of the scale) with it", "conversations, orders or customers"),
        whole("low_all", "all low scores with words", "likewise"),
        whole("others_n", "other scores with it", "likewise"),
        whole("others_all", "all other scores with words", "likewise"),
        number("share", "low_n of low_all", "share"),
        number("others", "others_n of others_all", "share"),
        number("difference", "share less others; goes together, no cause", "share"),
        number("low", "lower end of its 95 % interval", "share"),
        number("high", "upper end of it", "share"),
        number("q", "chance of so large a difference, after Benjamini and Hochberg over its kind", "share"),
        text("verdict", "more often, less often or cannot tell"),
        text("quote", "a customer's words from a low score, only where enough customers spoke", null=True),
    ),
    published=True,
)

COMPLAINTS = Table(
    "complaints",
    "one row per topic, market and SKU, with 'all' for the sum over either; last 28 days against the 28 before",
    ("topic_id", "market", "sku"),
    (
        text("topic_id", "the topic"),
        text("market", "country, or 'all'"),
        text("sku", "product, or 'all'"),
        whole("mentions", "in the period", "mentions"),
        whole("contacts", "conversations in the period", "conversations"),
        whole("previous_contacts", "in the period before", "conversations"),
        whole("customers", "distinct customers in the period", "customers"),
        whole("orders", "orders of that market and SKU in the period", "orders"),
        whole("previous_orders", "in the period before", "orders"),
        number("per_100_orders", "contacts per 100 orders", "per 100", null=True),
        number("low", "lower end of its 95 % interval", "per 100", null=True),
        number("high", "upper end of its 95 % interval", "per 100", null=True),
        number("previous_per_100_orders", "in the period before", "per 100", null=True),
        text("verdict", "growing, shrinking, steady or cannot tell"),
        number("negative_share", "of its mentions", "share", null=True),
        text("quote", "a customer's words, only where enough customers spoke", null=True),
    ),
    published=True,
)

AT_RISK = Table(
    "at_risk",
    "one row per customer with an open issue who may write again about it, most likely first",
    ("customer_key",),
    (
        text("customer_key", "who"),
        whole("rank", "1 is most at risk"),
        text("conversation_id", "the contact that is scored"),
        number("probability", "of writing again about the same issue within 7 days", "share"),
        texts("reasons", "why, in words, strongest first"),
        texts("reasons_zh", "the same in Chinese"),
        text("topic_id", "about what"),
        text("last_words", "the customer's last mention, masked"),
        text("language", "of the customer"),
        text("platform", "amazon, shopify, ebay …"),
        text("market", "country or marketplace"),
        text("order_id", "about which order", null=True),
        whole("order_minor", "value of that order", "minor units", null=True),
        text("currency", "of that order", null=True),
        *when("last_contact", "when the contact opened"),
        number("hours_left", "until the 7 days are over", "hours"),
        Column("listed", pa.bool_(), "named to be helped; others wait for the next day's list", older=1),
        date("named_day", "the day on which the list first named this contact, business time zone", null=True),
        number("low_csat", "risk of a low survey score of this contact, where it is known", "share", null=True),
        number("bad_review", "risk of a bad review of its order, where it is known", "share", null=True),
    ),
    published=True,
)

FLAGGED = Table(
    "flagged",
    "one row per customer contact that the list named on a day, also those that were then left alone by lot",
    ("conversation_id",),
    (
        text("conversation_id", "the contact"),
        text("customer_key", "who"),
        text("order_id", "about which order", null=True),
        date("day", "the day on which it was named, business time zone"),
        *when("named", "how far the data reached then"),
        whole("rank", "its place among all who were at risk, 1 is most at risk"),
        number("probability", "of writing again about the same issue within 7 days, as it was then", "share"),
        number("low_csat_risk", "of a low survey score, as it was then", "share", null=True),
        number("bad_review_risk", "of a bad review of its order, as it was then", "share", null=True),
        number("hold_out", "the share that was left alone by lot on that day", "share"),
        flag("held_out", "left alone by lot: shown on no list"),
        flag("first", "the customer's first in 30 days: only these are compared, each customer once"),
        flag("came_back", "wrote again about the same issue within 7 days; null until they are over", null=True),
        flag("low_csat", "gave a low score (lowest two fifths) within 30 days; null until they are over", null=True),
        flag("bad_review", "its order got a bad review within 30 days; null until they are over", null=True),
        flag("went_bad", "one of the three; null until 30 days are over, or where none of them is told", null=True),
    ),
    published=True,
)

NEXT_STEPS = Table(
    "next_steps",
    "one row per topic and thing to do about it, best first: what settled it, or a rule where the data say nothing",
    ("topic_id", "kind", "language", "rank"),
    (
        text("topic_id", "the topic"),
        text("kind", "answer (told by agents), action (done by agents) or rule (ours, no figure behind it)"),
        text("language", "of an answer, ISO 639-1; 'all' for the others"),
        whole("rank", "1 is the best of its kind"),
        text("action", "which action: refund, resend, voucher …; 'answer' for an answer"),
        text("step", "the answer as it was told; else what to do"),
        text("step_zh", "the same in Chinese; an answer stays in its language"),
        whole("contacts", "conversations in which it was told or done", "conversations"),
        whole("judged", "of these, those in which a return could be seen", "conversations"),
        whole("settled", "of these, those without a same-issue return within 7 days", "conversations"),
        number("share", "settled of judged, drawn to the usual share the more, the fewer they are", "share", null=True),
        number("low", "lower end of its 95 % interval; the order within a kind", "share", null=True),
        number("high", "upper end of it", "share", null=True),
        number("usual", "the share over all contacts about the topic", "share", null=True),
    ),
    published=True,
)

HIGH_VALUE = Table(
    "high_value",
    "one row per customer of the most valuable tenth with an open contact, or whose last one ended badly",
    ("customer_key",),
    (
        text("customer_key", "who"),
        whole("rank", "1 is worth most"),
        text("conversation_id", "the newest contact"),
        texts("why", "open contact, ended badly, low score or bad review"),
        whole("value_minor", "worth to date, by what is measured", "minor units of the shop's currency"),
        text("measured", "margin, or revenue where the margin of too many is unknown"),
        whole("least_minor", "what one must be worth to belong to the tenth", "minor units of the shop's currency"),
        whole("orders", "bought so far", "orders"),
        *when("last_ordered", "the last order"),
        text("topic_id", "about what"),
        text("last_words", "the customer's last mention, masked"),
        text("language", "of the customer"),
        text("platform", "amazon, shopify, ebay …"),
        text("market", "country or marketplace"),
        *when("last_contact", "when the newest contact opened"),
        flag("answered", "a person answered in it"),
        number("probability", "of writing again about the same issue, where it is known", "share", null=True),
    ),
    published=True,
)

WIN_BACK = Table(
    "win_back",
    "one row per customer who asked before buying and did not buy, or was unhappy and has not bought since",
    ("customer_key",),
    (
        text("customer_key", "who"),
        text("kind", "asked (before buying) or unhappy"),
        whole("rank", "of its kind; unanswered first, then most is to be won"),
        text("conversation_id", "the contact after which nothing was bought"),
        text("reason", "what was asked for, or 'topic' where the topic tells it"),
        flag("sold", "the catalogue has what was asked for; null where a topic tells it", null=True),
        text("topic_id", "about what"),
        flag("answered", "a person answered"),
        whole("waited_ms", "until the first answer; null without one", "ms", null=True),
        text("last_words", "the customer's last mention, masked"),
        text("language", "of the customer"),
        text("platform", "amazon, shopify, ebay …"),
        text("market", "country or marketplace"),
        *when("last_contact", "when the contact opened"),
        number("days_since", "since that contact; of who was unhappy, since the last order", "days"),
        number("usual_days", "after how many days this customer usually buys again; null for asked", "days", null=True),
        whole("orders", "bought before", "orders"),
        whole("value_minor", "paid to date; null without orders or a rate", "minor units, shop's", null=True),
        flag("may_market", "agreed to receive marketing; null where nobody told", null=True),
    ),
    published=True,
)

DEMAND_SIGNALS = Table(
    "demand_signals",
    "one row per thing that customers ask for, and one for all that too few of them ask for",
    ("asked",),
    (
        text("asked", "what they ask for"),
        text("for_what", "what it should most often go with, where enough customers say so", null=True),
        whole("askers", "distinct customers", "customers"),
        whole("mentions", "pieces of text", "mentions"),
        number("per_1000_contacts", "askers per 1,000 conversations", "per 1,000", null=True),
        number("shrunk", "the same, drawn to the usual rate the more, the less is known", "per 1,000", null=True),
        number("low", "lower end of its 95 % interval; the order of importance", "per 1,000", null=True),
        number("high", "upper end of its 95 % interval", "per 1,000", null=True),
        flag("sold", "the catalogue already has it"),
        text("sku", "the product of the catalogue that answers it", null=True),
        whole("asked_and_bought", "askers who ordered within 7 days of asking", "customers"),
        texts("markets", "where it is asked for, most first"),
        text("quote", "a customer's words, only where enough customers spoke", null=True),
    ),
    published=True,
)

AGENT_DAY = Table(
    "agent_day",
    "one row per agent and day",
    ("agent_id", "day"),
    (
        text("agent_id", "who"),
        text("name", "as the seller calls the agent", older=UNKNOWN),
        text("team", "the team"),
        date("day", "business time zone"),
        whole("conversations", "first answered by the agent", "conversations"),
        whole("replies", "messages written in them by human agents", "messages"),
        number("first_response_median_s", "of those conversations", "seconds", null=True),
        whole("handle_ms", "active time in them", "ms"),
        whole("active_ms", "the same, time in several conversations at once counted once", "ms"),
        whole("surveys", "answered surveys", "surveys"),
        number("csat_rating_sum", "sum of their ratings, 0 … 1 each; divide by surveys over any period"),
        whole("matured", "conversations with an issue, old enough to see a return", "conversations"),
        whole("came_back", "of those, with a same-issue return within 7 days", "conversations"),
        whole("timed", "conversations whose first response could be judged by its channel's limit", "conversations"),
        whole("late", "of those, answered after the limit", "conversations"),
        number("shift_hours", "hours on shift that day", "hours"),
    ),
    published=True,
)

AGENT_FIGURES = Table(
    "agent_figures",
    "one row per agent and measure: the agent beside others with the same cases, over the last 12 complete weeks",
    ("agent_id", "measure"),
    (
        text("agent_id", "who"),
        text("name", "as the seller calls the agent"),
        text("team", "the agent's team"),
        text(
            "measure", "came_back, csat_rating, soured (turned bad and stayed bad), late_response, reopened or handle_s"
        ),
        text("measured_in", "unit: share, 0 to 1, or seconds"),
        text("better", "up or down"),
        date("since", "first day of the period"),
        date("until", "first day after the period"),
        whole("n", "conversations that could be judged, by who answered first", "conversations"),
        number("observed", "the raw figure: a share, a mean, or a geometric mean of seconds", "measured_in", null=True),
        number("expected", "what a typical agent reaches with the very same cases", "measured_in", null=True),
        number("adjusted", "what the agent would reach with the mix of all cases, shrunk", "measured_in", null=True),
        number("low", "lower end of its 95 % interval", "measured_in", null=True),
        number("high", "upper end of its 95 % interval", "measured_in", null=True),
        number("others", "what a typical agent reaches with the mix of all cases", "measured_in", null=True),
        number("chance_low", "lower end of where chance alone puts 95 % of unshrunk figures", "measured_in", null=True),
        number("chance_high", "upper end of it: the limits of a funnel plot", "measured_in", null=True),
        number("q", "share of false ones among all that are as clear; null below 30 cases", "share", null=True),
        text("verdict", "above, like or below the others (above is better), cannot tell, or not ranked"),
    ),
    published=True,
)

COACHING = Table(
    "coaching",
    "one row per agent, skill and topic in which the agent surely stands out; none where nobody does",
    ("agent_id", "skill", "topic_id"),
    (
        text("agent_id", "who"),
        text("name", "as the seller calls the agent"),
        text("team", "the agent's team"),
        text("skill", "resolution, satisfaction, tone or first_response"),
        text("topic_id", "the topic in which it shows, or 'all'"),
        text("kind", "coaching: surely below the others; best practice: surely above them"),
        text("measure", "which measure of agent_figures tells it"),
        text("measured_in", "unit: share, or 0 to 1"),
        whole("n", "conversations that could be judged", "conversations"),
        number("observed", "the raw figure", "measured_in"),
        number("adjusted", "with the mix of all cases, shrunk", "measured_in"),
        number("low", "lower end of its 95 % interval", "measured_in"),
        number("high", "upper end of its 95 % interval", "measured_in"),
        number("others", "what a typical agent reaches with the mix of all cases", "measured_in"),
        number("q", "share of false ones among all that are as clear", "share"),
        texts("read", "conversations to read: those that ended worst, or best, for what they were"),
        texts("learn", "where coaching: hard conversations on the same topics that went well with colleagues"),
        texts("learn_from", "whose those are, one agent_id each"),
    ),
    published=True,
)

HOUR_LOAD = Table(
    "hour_load",
    "one row per weekday and hour of the business time zone",
    ("weekday", "hour"),
    (
        whole("weekday", "1 Monday … 7 Sunday"),
        whole("hour", "0 … 23"),
        whole("conversations", "opened in that hour over the whole data", "conversations"),
        whole("weeks", "how often that hour occurred in the data", "hours"),
        number("per_hour", "conversations each time", "conversations"),
        number("low", "lower end of the 95 % interval of the mean", "conversations"),
        number("high", "upper end of the 95 % interval of the mean", "conversations"),
        number("agents_on_shift", "mean number of agents on shift", "agents"),
    ),
    published=True,
)

HOUR_FORECAST = Table(
    "hour_forecast",
    "one row per channel ('all' for their sum), coming day and hour of the business clock",
    ("channel", "day", "hour"),
    (
        text("channel", "chat, email …, or 'all'"),
        date("day", "business time zone; the first is the day after the newest conversation"),
        whole("hour", "0 … 23; an hour that the clock leaves out has no row"),
        whole("weekday", "1 Monday … 7 Sunday"),
        number("lasts_h", "1, or 2 where the clock shows the hour twice", "hours"),
        text("mark", "holiday or promotion where settings tell one, else empty"),
        number("expected", "conversations that need an answer", "conversations"),
        whole("low", "lower end of the 80 % interval", "conversations"),
        whole("high", "upper end of it", "conversations"),
        whole("low_95", "lower end of the 95 % interval", "conversations"),
        whole("high_95", "upper end of it", "conversations"),
    ),
    published=True,
)

DAY_FORECAST = Table(
    "day_forecast",
    "one row per channel ('all' for their sum) and coming day",
    ("channel", "day"),
    (
        text("channel", "chat, email …, or 'all'"),
        date("day", "business time zone"),
        whole("weekday", "1 Monday … 7 Sunday"),
        text("mark", "holiday or promotion where settings tell one, else empty"),
        number("expected", "conversations that need an answer: the sum of its hours", "conversations"),
        whole("low", "lower end of the 80 % interval", "conversations"),
        whole("high", "upper end of it", "conversations"),
        whole("low_95", "lower end of the 95 % interval", "conversations"),
        whole("high_95", "upper end of it", "conversations"),
    ),
    published=True,
)

FORECAST_QUALITY = Table(
    "forecast_quality",
    "one row per channel ('all' for their sum) and model: how good its forecasts were on what has come since",
    ("channel", "model"),
    (
        text("channel", "chat, email …, or 'all'"),
        text("model", "'ours', the whole procedure that picks one, or one of its simple models"),
        flag("speaks", "the forecast comes from it"),
        whole("history_days", "days that are known", "days", null=True),
        whole("contacts", "conversations in them", "conversations", null=True),
        whole("left_out", "conversations scattered before and after the stream", "conversations", null=True),
        whole("outages", "days that were taken for unknown, not for empty", "days", null=True),
        whole("origins", "days from which it was tried", "days"),
        whole("horizon_days", "how far ahead each time", "days"),
        whole("spans", "tries that do not overlap: what intervals rest on", "tries"),
        whole("hours", "forecasts of hours with something expected, for 'ours'", "hours", null=True),
        number("wape", "sum of absolute errors of hours by the sum of contacts", "share", null=True),
        number("day_wape", "the same for days", "share", null=True),
        number("mase", "error of an hour in times of its usual change from week to week", "times", null=True),
        number("against_naive", "errors of hours in times of those of last week's figures", "times", null=True),
        number("low", "lower end of its 95 % interval", "times", null=True),
        number("high", "upper end of it", "times", null=True),
        number("covers_80", "share of hours with something expected that lay in the 80 % interval", "share", null=True),
        number("covers_80_low", "lower end of its 95 % interval", "share", null=True),
        number("covers_80_high", "upper end of it", "share", null=True),
        number("covers_95", "share that lay in the 95 % interval", "share", null=True),
        number("days_cover_80", "share of days that lay in the 80 % interval", "share", null=True),
        text("verdict", "against last week's figures: better, worse or cannot tell"),
        text("why", "why nothing is forecast: too few days, too few contacts, stopped; else empty"),
    ),
    published=True,
)

STAFFING_BASIS = Table(
    "staffing_basis",
    "one row per channel: what the plan of people rests on, over the last 84 days",
    ("channel",),
    (
        text("channel", "chat, email …"),
        flag("live", "its customers wait for the answer; others are worked off as tickets"),
        whole("places", "conversations that one person holds at a time", "conversations"),
        whole("n", "conversations with a known handling time", "conversations"),
        text("state", "known, or cannot tell (too few)"),
        number("handle_s", "mean handling time", "seconds", null=True),
        number("median_s", "median of it", "seconds", null=True),
        number("p90_s", "exceeded by one in ten", "seconds", null=True),
        number("attention_s", "mean handling time, moments with several conversations shared", "seconds", null=True),
        number("low", "lower end of its 95 % interval", "seconds", null=True),
        number("high", "upper end of it", "seconds", null=True),
        number("place_s", "how long a conversation keeps a place of a person busy", "seconds", null=True),
        whole("waiting", "unanswered and not closed", "conversations"),
    ),
    published=True,
)

HEADS = Table(
    "heads",
    "one row per coming day and hour of the business clock: people needed and planned",
    ("day", "hour"),
    (
        date("day", "business time zone"),
        whole("hour", "0 … 23"),
        whole("weekday", "1 Monday … 7 Sunday"),
        text("mark", "holiday or promotion where settings tell one, else empty"),
        flag("opened", "some channel is open"),
        number("live", "conversations expected whose customers wait for the answer", "conversations"),
        whole("live_low", "lower end of the 80 % interval", "conversations"),
        whole("live_high", "upper end of it", "conversations"),
        whole("working_low", "people for them where customers give up (Erlang A)", "people"),
        whole("working_high", "people for them where nobody gives up (Erlang C)", "people"),
        whole("working_cautious", "the same at the upper end of the interval", "people"),
        number("tickets", "people who work off tickets", "people"),
        whole("heads_low", "people on the plan, breaks and leave included, at the lower end", "people"),
        whole("heads_high", "at the upper end", "people"),
        whole("heads_cautious", "where as many come as the interval allows", "people"),
        number("planned", "people on shift; null where no shift is told", "people", null=True),
        text("planned_how", "told, usual (as in the four weeks before) or unknown"),
        text("verdict", "too few, tight, enough, spare, closed or cannot tell"),
    ),
    published=True,
)

EMERGING = Table(
    "emerging",
    "one row per alert of the last 28 days, and one per topic, market, SKU and window on the last full day",
    ("topic_id", "market", "sku", "day", "window_days"),
    (
        text("topic_id", "the topic"),
        text("market", "country, or 'all' where there are several"),
        text("sku", "product, where enough is expected of it, or 'all'"),
        date("day", "last day of the window, business time zone"),
        whole("window_days", "1 or 7", "days"),
        text("state", "alert, silent (spoke in the 7 days before), calm or cannot tell (too few days)"),
        whole("observed", "contacts in the window: conversations, on the first day they speak of it", "conversations"),
        number(
            "expected", "what its exposure and weekdays make one expect after the weeks before", "contacts", null=True
        ),
        number("low", "lower end of where 95 % of usual windows lie", "contacts", null=True),
        number("high", "upper end of it", "contacts", null=True),
        number("ratio", "observed by expected", "times", null=True),
        number("p", "chance of so many contacts or more where nothing is unusual", "share", null=True),
        number("q", "the same after Benjamini and Hochberg over all that was judged that day", "share", null=True),
        whole("customers", "distinct customers in the window", "customers"),
        number("exposure", "orders that the window's contacts may follow, by how long they usually do", "see exposed"),
        text("exposed", "orders, or contacts where the market or product has no orders"),
        date("silent_until", "first day on which it may raise an alert again", null=True),
        text("quote", "a customer's words in the window, only where enough customers spoke", null=True),
    ),
    published=True,
)

EARLY_WARNINGS = Table(
    "early_warnings",
    "one row per alert of the last 28 days: a matter that got worse, with all its signs",
    ("warning_id",),
    (
        text("warning_id", "w and ten hex digits of the matter and the day"),
        whole("rank", "1 is the most important: what still holds, then most customers"),
        text("state", "now, or over: raised more than 7 days ago, or again since"),
        date("day", "the day that raised it, business time zone; of parcels the newest Monday"),
        date("since", "first day of the windows, or of the week of hand-over, since when it holds"),
        whole("nth", "how many times it has spoken, each within two weeks of the one before", "times"),
        text("kind", "of the clearest sign: more contacts, low scores, contacts again, ends bad or parcels"),
        text("measure", "of parcels: late, parcel, damage, customs or address", null=True),
        text("topic_id", "the topic; null where only parcels tell it", null=True),
        text("market", "country, or 'all'"),
        text("sku", "the product that holds most of it, or 'all'"),
        text("carrier", "of parcels, or 'all'"),
        text("lane", "of parcels, or 'all'"),
        text("warehouse", "of parcels, or 'all'"),
        text("platform", "of parcels, or 'all'"),
        whole("observed", "of the clearest sign: contacts, bad conversations, or orders", "see kind"),
        whole("of", "conversations or orders that observed is a part of; null for contacts", "see kind", null=True),
        number("expected", "what the weeks before make one expect of observed", "see kind"),
        number("low", "lower end of where 95 % of usual windows lie; of parcels, of the rate before", "see kind"),
        number("high", "upper end of it", "see kind"),
        number("ratio", "observed by expected; null where nothing was expected", "times", null=True),
        number("p", "chance of so many or more where nothing is unusual", "share"),
        number("q", "the same after weighted Benjamini and Hochberg over all that was judged that day", "share"),
        whole("customers", "distinct customers behind the signs", "customers"),
        number("at_least", "customers beyond what is usual: lower end of the 95 % interval", "customers"),
        texts("sign_kind", "every sign, the clearest first: its kind"),
        texts("sign_measure", "of each sign, where it is of parcels"),
        texts("sign_market", "of each sign"),
        texts("sign_sku", "of each sign"),
        Column("sign_since", pa.list_(pa.date32()), "first day of each sign's window"),
        Column("sign_observed", pa.list_(pa.int64()), "of each sign"),
        Column("sign_of", pa.list_(pa.int64()), "of each sign; null for contacts"),
        Column("sign_expected", pa.list_(pa.float64()), "of each sign"),
        Column("sign_ratio", pa.list_(pa.float64()), "of each sign", "times"),
        Column("sign_q", pa.list_(pa.float64()), "of each sign", "share"),
        texts("conversations", "newest examples, only where enough customers spoke"),
        texts("quotes", "customers' words, masked, nearest to the topic; only where enough customers spoke"),
        text("owner", "who should look at it first: a team, or the name that insight.toml tells"),
        text("owner_zh", "the same in Chinese"),
        texts("remedies", "what may help, as a suggestion"),
        texts("remedies_zh", "the same in Chinese"),
    ),
    published=True,
)

FAQ = Table(
    "faq",
    "one row per question that customers ask again and again, in any language, over the last half year",
    ("question_id",),
    (
        text("question_id", "q and ten hex digits of its topic and its commonest wording"),
        text("topic_id", "its topic, or 'unassigned'"),
        whole("contacts", "conversations in which it was asked", "conversations"),
        whole("customers", "distinct customers who asked it", "customers"),
        texts("languages", "in which it was asked, most first"),
        text("question", "the wording nearest to its centre, in any language"),
        text("question_en", "the same among the English wordings", null=True),
        text("question_zh", "the same among the Chinese wordings", null=True),
        whole("unanswered", "of the contacts, those that no person answered", "conversations"),
        whole("judged", "of the contacts, those in which a return could be seen", "conversations"),
        whole("settled", "of these, those without a same-issue return within 7 days", "conversations"),
        number("share", "settled of judged", "share", null=True),
        number("low", "lower end of its 95 % interval", "share", null=True),
        number("high", "upper end of its 95 % interval", "share", null=True),
        number("usual", "the share over all contacts", "share"),
        text("gap", "'comes back' (surely settled less than usual), 'no common answer', or empty"),
    ),
    published=True,
)

FAQ_ANSWERS = Table(
    "faq_answers",
    "one row per question, language and answer that enough customers were told, surest first",
    ("question_id", "language", "rank"),
    (
        text("question_id", "the question"),
        text("language", "of the answer, ISO 639-1"),
        whole("rank", "1 is the surest to settle it"),
        text("answer", "a sentence of agents that at least privacy.min_customers customers were told, masked"),
        whole("contacts", "conversations in which it was the answer", "conversations"),
        whole("customers", "distinct customers who were told", "customers"),
        whole("judged", "of the contacts, those in which a return could be seen", "conversations"),
        whole("settled", "of these, those without a same-issue return within 7 days", "conversations"),
        number("share", "settled of judged, drawn to the usual share the more, the fewer they are", "share"),
        number("low", "lower end of its 95 % interval; the order of the answers", "share"),
        number("high", "upper end of its 95 % interval", "share"),
    ),
    published=True,
)

QA_SAMPLE = Table(
    "qa_sample",
    "one row per conversation that was drawn to be scored; a week stays as it was drawn",
    ("conversation_id",),
    (
        text("conversation_id", "the conversation"),
        text("sample_id", "its name in addresses and files: q and twelve hex digits"),
        text("stream", "random: its scores speak for all; coaching: chosen to learn from, in no average"),
        date("week", "the Monday of its week, business time zone"),
        whole("place", "1, 2, 3 … in its stream and week: the order in which it is to be scored"),
        flag("double", "two people are to score it"),
        text("agent_id", "who answered first"),
        text("team", "that agent's team"),
        text("channel", "chat, email, marketplace …"),
        text("topic_id", "its topic when it was drawn"),
        text("stratum", "agent · channel · topic that it was drawn from, * for the rest; null for coaching", null=True),
        whole("stratum_size", "answered conversations of that stratum in the week", "conversations", null=True),
        whole("stratum_drawn", "of these, how many were drawn", "conversations", null=True),
        number("probability", "of being drawn; null for coaching", "share", null=True),
        number("weight", "for how many conversations it speaks; null for coaching", "conversations", null=True),
        number("risk", "probability that the customer returns, when it was drawn", "share", null=True),
        texts("signs", "what went wrong in it: low score, ended badly, came back"),
    ),
    published=True,
)

QA_TRANSCRIPTS = Table(
    "qa_transcripts",
    "one row per public message of a conversation of qa_sample: for the staff that scores it, in no list or route",
    ("conversation_id", "seq"),
    (
        text("conversation_id", "the conversation"),
        whole("seq", "1, 2, 3 … in the order of time"),
        text("author", "customer, agent, bot or system"),
        text("agent_id", "which agent wrote it", null=True),
        *when("sent", "when it was sent"),
        text("text", "what was said, personal data masked"),
        text("language", "ISO 639-1"),
    ),
    published=True,
)

SKU_ISSUES = Table(
    "sku_issues",
    "one row per product and topic that anybody names with it; last 91 days that contacts and orders both tell",
    ("sku", "topic_id"),
    (
        text("sku", "the product"),
        text("topic_id", "the topic"),
        text("family", "product family of the catalogue"),
        whole("rank", "1 is the surest; products with fewer than 30 orders come last"),
        whole("contacts", "conversations in which a customer says it", "conversations"),
        whole("customers", "distinct customers of those: what the rates count", "customers"),
        whole("return_comments", "comments of returns that say it, apart", "returns"),
        whole("reviews", "reviews that say it, apart", "reviews"),
        whole("orders", "orders that hold the product", "orders"),
        number("per_100_orders", "customers who wrote about it per 100 orders", "per 100", null=True),
        number(
            "shrunk", "the same, drawn to the family's usual rate the more, the less is known", "per 100", null=True
        ),
        number("low", "lower end of its 95 % interval; the order of importance", "per 100", null=True),
        number("high", "upper end of it", "per 100", null=True),
        whole("family_customers", "customers who wrote the same about the family's other products", "customers"),
        whole("family_orders", "orders of the family's other products", "orders"),
        number("family_per_100", "their rate", "per 100", null=True),
        number("ratio", "its own rate by theirs", "times", null=True),
        number("ratio_low", "lower end of the 95 % interval", "times", null=True),
        number("ratio_high", "upper end of it; null where nobody else says it", "times", null=True),
        number("q", "share of false alarms among products as clear as this, by Benjamini and Hochberg", "share"),
        text("verdict", "more than its family, or cannot tell"),
        text("quote", "a customer's words, only where enough customers wrote", null=True),
        text("quote_language", "of the quote, ISO 639-1", null=True),
    ),
    published=True,
)

SIZE_BIAS = Table(
    "size_bias",
    "one row per product of whose size anybody speaks: does it run small or large? Last 91 days",
    ("sku",),
    (
        text("sku", "the product"),
        text("family", "product family of the catalogue"),
        whole("rank", "1 is the surest; products with fewer than 30 orders come last"),
        whole(
            "small", "orders whose customer says that it is too small, in words or by the code of a return", "orders"
        ),
        whole("large", "the same for too large", "orders"),
        whole("both", "orders whose customer says both; they count for neither", "orders"),
        whole("in_words", "of those that say anything, the ones that say it in words", "orders"),
        whole("sent_back", "of those that say anything, the ones that say it by the code of a return", "orders"),
        whole("orders", "orders that hold the product", "orders"),
        whole("returns", "returns of the product; null where no return is told at all", "returns", null=True),
        number("share_of_returns", "returns that name the size, by all its returns", "share", null=True),
        number("balance", "from -1, all say too small, over 0, as many of each, to 1, all say too large", "-1 to 1"),
        number("low", "lower end of its 95 % interval", "-1 to 1"),
        number("high", "upper end of it", "-1 to 1"),
        text("verdict", "runs small, runs large, true to size or cannot tell"),
        text("quote", "a customer's words, only where enough customers speak of its size", null=True),
        text("quote_language", "of the quote, ISO 639-1", null=True),
    ),
    published=True,
)

LISTING_GAPS = Table(
    "listing_gaps",
    "one row per product and attribute that customers say differs from the listing; last 91 days",
    ("sku", "attribute"),
    (
        text("sku", "the product"),
        text("attribute", "colour, material, size, weight, battery or water"),
        whole("rank", "1 is the surest; what too few say comes last"),
        whole("customers", "distinct customers who say so, in contacts, returns, reviews or surveys", "customers"),
        whole("mentions", "pieces of text", "mentions"),
        whole("orders", "orders that hold the product", "orders"),
        number("per_100_orders", "customers per 100 orders, drawn to what is usual", "per 100", null=True),
        number("low", "lower end of its 95 % interval", "per 100", null=True),
        number("high", "upper end of it", "per 100", null=True),
        texts("said", "values that customers name and the listing does not, most first; none where too few speak"),
        texts("promised", "values that the listing names"),
        text("sentence", "the sentence of the listing that names most of them", null=True),
        text("verdict", "says otherwise, says nothing, no listing or cannot tell: the listing, on this attribute"),
        text("quote", "a customer's words, only where enough customers say so", null=True),
        text("quote_language", "of the quote, ISO 639-1", null=True),
    ),
    published=True,
)

LOGISTICS_CAUSES = Table(
    "logistics_causes",
    "one row per measure and part of the orders that rose in the last 16 weeks, or one that says that none did",
    ("measure", "rank"),
    (
        text("measure", "late (orders), or orders that a customer wrote about: parcel, damage, customs or address"),
        whole("rank", "1 is the clearest; each next one is looked for without those before it"),
        text("verdict", "rise, no rise or cannot tell"),
        text("carrier", "the part's carrier, or 'all'"),
        text("lane", "the part's lane, or 'all'"),
        text("warehouse", "the part's warehouse, or 'all'"),
        text("platform", "the part's platform, or 'all'"),
        text("market", "the part's market, or 'all'"),
        date("since", "first day of the week of hand-over from which it rose", null=True),
        whole("orders_before", "orders of the part handed over before", "orders", null=True),
        whole("events_before", "of them late, or written about", "orders", null=True),
        whole("orders_after", "orders handed over since", "orders", null=True),
        whole("events_after", "of them late, or written about", "orders", null=True),
        number("per_100_before", "events per 100 orders; a young order counts as a part of one", "per 100", null=True),
        number("before_low", "lower end of its 95 % interval", "per 100", null=True),
        number("before_high", "upper end of it", "per 100", null=True),
        number("per_100_after", "the same since", "per 100", null=True),
        number("after_low", "lower end of its 95 % interval", "per 100", null=True),
        number("after_high", "upper end of it", "per 100", null=True),
        number("ratio", "the rate since by the rate before", "times", null=True),
        number("ratio_low", "lower end of the 95 % interval", "times", null=True),
        number("ratio_high", "upper end of it", "times", null=True),
        number("beyond", "events since beyond the rate before", "orders", null=True),
        number("explained", "of the events beyond the rate before in all orders, the part's share", "share", null=True),
        number("p", "chance of so clear a rise anywhere if nothing had changed, over all measures", "share", null=True),
        number("rest_p", "the same for what is left without the parts that are told", "share", null=True),
        whole("customers", "distinct customers who wrote about orders of the part since", "customers"),
        text("quote", "a customer's words, only where enough customers wrote", null=True),
        text("quote_language", "of the quote, ISO 639-1", null=True),
        Column("weeks", pa.list_(pa.date32()), "first day of each of the 16 weeks, oldest first"),
        Column("orders_inside", pa.list_(pa.int64()), "orders of the part by week of hand-over", "orders"),
        Column("events_inside", pa.list_(pa.int64()), "of them late, or written about", "orders"),
        Column("orders_outside", pa.list_(pa.int64()), "all other orders by week of hand-over", "orders"),
        Column("events_outside", pa.list_(pa.int64()), "of them late, or written about", "orders"),
    ),
    published=True,
)

DELIVERY = Table(
    "delivery",
    "one row per carrier and lane, with 'all' for the sum over either; orders handed over in the last 91 days",
    ("carrier", "lane"),
    (
        text("carrier", "who carries it, or 'all'"),
        text("lane", "from where to where, or 'all'"),
        whole("orders", "orders handed over", "orders"),
        whole("delivered", "of them delivered", "orders"),
        whole("on_the_way", "of them not delivered yet, as far as their platform tells deliveries", "orders"),
        number("promised_days", "median of order to the end of the promised day", "days", null=True),
        number(
            "days_median",
            "after so many days from the order half had come, those on the way counted",
            "days",
            null=True,
        ),
        number("median_low", "lower end of its 95 % interval", "days", null=True),
        number("median_high", "upper end of it; null where the data do not reach so far", "days", null=True),
        number("days_p90", "after so many days nine of ten had come", "days", null=True),
        number("p90_low", "lower end of its 95 % interval", "days", null=True),
        number("p90_high", "upper end of it", "days", null=True),
        number("transit_median", "the same as days_median, from hand-over", "days", null=True),
        whole("judged", "orders whose promised day is over, delivered or not", "orders"),
        whole("late", "of them late", "orders"),
        number("late_share", "late by judged", "share", null=True),
        number("late_low", "lower end of its 95 % interval", "share", null=True),
        number("late_high", "upper end of it", "share", null=True),
        text("verdict", "later than others, earlier than others, like others or cannot tell; of a carrier on a lane"),
    ),
    published=True,
)

TOPIC_COST_ROWS = Table(
    "topic_cost_rows",
    "one row per amount that a topic is counted with: the working time of a conversation on it, a refund, or an order "
    "that was cancelled and asked about; last 28 days and the 28 before",
    ("kind", "topic_id", "row_id"),
    (
        text("kind", "handling, refund or lost order"),
        text("topic_id", "the topic; 'unassigned' where it fits none, 'unknown' where nobody told one"),
        text("row_id", "id of the conversation, return or order"),
        text("period", "current or previous"),
        text("conversation_id", "the conversation that was worked on", null=True),
        text("order_id", "the order it is about", null=True),
        text("platform", "amazon, shopify, ebay …"),
        text("market", "country or marketplace"),
        date("day", "of the conversation, the return, or the first contact about the order; business time zone"),
        whole("handle_ms", "working time on this topic", "ms", null=True),
        whole(
            "amount_minor",
            "null without a wage, a rate or an amount",
            "minor units of the shop's currency",
            null=True,
        ),
    ),
    published=True,
)

TOPIC_COSTS = Table(
    "topic_costs",
    "one row per topic with working time, refunds or lost orders; last 28 days against the 28 before",
    ("topic_id",),
    (
        text("topic_id", "the topic; 'unassigned' where it fits none, 'unknown' where nobody told one"),
        date("since", "first day of the period"),
        date("until", "first day after it"),
        whole("conversations", "worked on it", "conversations"),
        whole("handle_ms", "working time, shared equally among a conversation's topics", "ms"),
        whole("handling_minor", "its price; null where no wage is told", "minor units, shop's", null=True),
        whole("refunds", "paid for orders that were mainly about it", "refunds"),
        whole("refund_minor", "their amount", "minor units, shop's"),
        whole("lost_orders", "cancelled orders with a contact, mainly about it", "orders"),
        whole("lost_minor", "what they would have brought, less what is among the refunds", "minor units, shop's"),
        whole(
            "total_minor", "all three; without the price of working time where no wage is told", "minor units, shop's"
        ),
        number("low", "lower end of its 95 % interval", "minor units, shop's"),
        number("high", "upper end of it", "minor units, shop's"),
        whole("unpriced", "rows whose amount is unknown: in no sum", "rows"),
        whole("previous_handling_minor", "in the period before", "minor units, shop's", null=True),
        whole("previous_refund_minor", "in the period before", "minor units, shop's", null=True),
        whole("previous_lost_minor", "in the period before", "minor units, shop's", null=True),
        whole("previous_total_minor", "null where the data do not reach back", "minor units, shop's", null=True),
        text("verdict", "growing, shrinking, steady or cannot tell"),
    ),
    published=True,
)

DRIVERS = Table(
    "drivers",
    "one row per outcome and topic that units with the outcome have; over all days",
    ("outcome", "topic_id"),
    (
        text("outcome", "csat, low_csat, bad_review, returned or repurchase"),
        text("topic_id", "the topic, as it was known before the outcome"),
        whole("rank", "within the outcome: worse ones first by points, then better ones, then what cannot be told"),
        text("unit", "what is counted: conversations or orders"),
        text("scale", "mean (of 0 worst to 1 best) or share"),
        text("better", "which way the outcome is better: up or down"),
        whole("n", "units with an outcome", "units"),
        whole("left_out", "units without one: nobody answered, or too young", "units"),
        number("usual", "the outcome of all of them", "share, or 0 to 1"),
        whole("with_n", "of them with the topic", "units"),
        whole("customers", "distinct customers of those", "customers"),
        number("share", "units with the topic by units", "share"),
        number("value", "the outcome with the topic", "share, or 0 to 1", null=True),
        number("without", "the outcome of those without the topic, as they are", "share, or 0 to 1", null=True),
        number("raw", "value less without", "share, or 0 to 1", null=True),
        number(
            "expected", "what the units with the topic have without it, by the model", "share, or 0 to 1", null=True
        ),
        number("difference", "value less expected: adjusted; null where too few", "share, or 0 to 1", null=True),
        number("low", "lower end of its 95 % interval", "share, or 0 to 1", null=True),
        number("high", "upper end of it", "share, or 0 to 1", null=True),
        number("points", "share x difference: what it comes to over all units", "share, or 0 to 1", null=True),
        number("points_low", "lower end of its 95 % interval", "share, or 0 to 1", null=True),
        number("points_high", "upper end of it", "share, or 0 to 1", null=True),
        number("e_value", "how many times likelier something that is not held must make both to explain it", null=True),
        number("e_near", "the same for the end of the interval nearer to nothing; 1 where it holds nothing", null=True),
        number("q", "share of false ones among topics as clear, by Benjamini and Hochberg", "share", null=True),
        text("verdict", "worse, better, cannot tell, or too few; it goes with it, nothing says why"),
        texts("held", "confounders that are held"),
    ),
    published=True,
)

EFFECTS = Table(
    "effects",
    "one row per action of the register; entries of one name about the same topics are one action in steps",
    ("action",),
    (
        whole("action", "its place in the register, from 1"),
        text("name", "what was done"),
        texts("topic_ids", "the topics that it is about, as the register names them"),
        texts("skus", "for these products only; none: all"),
        texts("markets", "in these markets only; none: all"),
        date("since", "the first day on which it could work; of several steps the first one"),
        date("until", "the first day on which it no longer did", null=True),
        date("written", "the day on which it was written down", null=True),
        flag("after_the_fact", "written down later than it began; null where nobody tells", null=True),
        flag("spiked", "it was chosen because contacts had just risen; the four weeks before are no baseline"),
        text("reaches", "orders: who orders from that day on; everyone: who has ordered before, too"),
        number("hoped", "share by which contacts were to fall at least", "share"),
        text("why", "why it was done; empty where nobody tells"),
        text("verdict", "worked, did not, too early or cannot tell"),
        number("ratio", "contacts per order in times of what was to be expected without it", "times", null=True),
        number("low", "lower end of its 95 % interval", "times", null=True),
        number("high", "upper end of it; null where it has none", "times", null=True),
        number(
            "chance",
            "how often so clear a fall comes by chance; worked asks for .05 at most, so that the interval may just "
            "reach 1",
            "share",
            null=True,
        ),
        number("detectable", "the fall that would be told in four of five cases", "share", null=True),
        whole("weeks_before", "of seven days, counted from the first day of the action: the level before", "weeks"),
        whole("weeks_after", "the same after it", "weeks"),
        whole("weeks_out", "weeks that count for neither: the rise, the transition, no orders yet", "weeks"),
        whole("treated", "units acted on: products, markets, or products in markets", "units"),
        whole("others", "units left alone that it is compared with, small ones put together", "units"),
        whole("others_out", "units not compared with: another action about the same topic was taken there", "units"),
        whole("contacts_before", "conversations about the topics in the level before, units acted on", "conversations"),
        whole("contacts_after", "the same after it", "conversations"),
        number("expected_after", "the same to be expected without it", "conversations", null=True),
        whole("unplaced", "conversations about the topics that name no product or market, and count nowhere"),
        number("swing", "standard deviation from week to week beside counting, learned elsewhere", "log", null=True),
        number("memory", "correlation of a week with the next, learned elsewhere", null=True),
        number("wider", "by how much placebos elsewhere made the interval wider", "times", null=True),
        number("earlier", "the same estimate for a day before the action: should be 1", "times", null=True),
        number("earlier_low", "lower end of its 95 % interval", "times", null=True),
        number("earlier_high", "upper end of it", "times", null=True),
        number("siblings", "the same estimate for products of the family, or other markets", "times", null=True),
        number("siblings_low", "lower end of its 95 % interval", "times", null=True),
        number("siblings_high", "upper end of it", "times", null=True),
        texts("unknown", "topics, products and markets that nothing in the data is called; mistyped?"),
        texts(
            "against",
            "what speaks against believing it: weak, drifted, wide, after the fact, not written, siblings, unplaced, "
            "promotion, other action, unknown",
        ),
    ),
    published=True,
)

EFFECT_WEEKS = Table(
    "effect_weeks",
    "one row per action and week of seven days, counted from its first day",
    ("action", "week"),
    (
        whole("action", "see effects"),
        date("week", "its first day"),
        text("part", "before, spike, out or after"),
        whole("contacts", "conversations about the topics, units acted on", "conversations"),
        number("orders", "orders that such contacts are to be expected from", "orders"),
        number("per_1000", "contacts per 1,000 of them", "per 1,000", null=True),
        whole("others_contacts", "the same of the units left alone", "conversations"),
        number("others_orders", "the same of the units left alone", "orders"),
        number("others_per_1000", "the same of the units left alone", "per 1,000", null=True),
        number("expected_per_1000", "to be expected without the action", "per 1,000", null=True),
    ),
    published=True,
)

COUNTS = Table(
    "counts",
    "one row per stage and outcome: every row that came in is somewhere",
    ("stage", "outcome"),
    (
        text("stage", "read, messages, mentions, vectors, topics …"),
        text("outcome", "in, or where the rows went: a table, or a reason"),
        whole("rows", "how many", "rows"),
        flag("closes", "in = everything else of the stage"),
    ),
    published=True,
)

TABLES: tuple[Table, ...] = tuple(v for v in list(globals().values()) if isinstance(v, Table))
"""Every table, in the order of the river."""
