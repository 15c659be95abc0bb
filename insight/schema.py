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
        whole("merged", "further ids that a source says are this customer", "ids", older=0),
    ),
)

IDENTITIES = Table(
    "identities",
    "one row per customer id as a source wrote it: the only way back from a key to a person",
    ("native_id",),
    (text("native_id", "the id as the source wrote it"), text("customer_key", "keyed hash of that id")),
    personal=True,
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
        *when("ordered", "when it was placed"),
        date("day", "day of the order in the business time zone"),
        *when("promised", "latest delivery that was promised", null=True),
        *when("shipped", "handed to the carrier", null=True),
        *when("delivered", "delivered to the customer", null=True),
        text("carrier", "who carries it"),
        text("lane", "from where to where, e.g. CN-DE"),
        text("warehouse", "where it was packed", older=UNKNOWN),
        text("currency", "ISO 4217"),
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
        whole("nth", "1 for the first contact about the issue, 2 for the second …"),
        text("previous_conversation_id", "the contact before", null=True),
        number("gap_hours", "since the contact before", "hours", null=True),
        text("link", "why they belong together: 'same order and issue', 'same order', 'same issue'; else 'first'"),
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
        whole("duration_ms", "first to last public message", "ms", null=True),
        whole("open_ms", "opened to closed, by the source's own times; null while open", "ms", null=True),
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
        text("sku", "its product, or the first by line where there are several"),
        text("family", "its product family"),
        text("customer_key", "who bought"),
        *when("ordered", "when"),
        date("day", "day of the order, business time zone"),
        text("currency", "ISO 4217"),
        whole("total_minor", "what was paid", "minor units", null=True),
        whole("items", "pieces bought", "pieces"),
        flag("delivered", "it arrived; null where its platform tells no delivery at all", null=True),
        flag(
            "late",
            "not delivered when the promised day was over; null where nothing was promised, that day is not over, "
            "the order was cancelled, or its platform tells no delivery at all",
            null=True,
        ),
        number("transit_days", "shipped to delivered", "days", null=True),
        flag("returned", "at least one line came back; null where no return is told at all", null=True),
        flag(
            "returned_30d",
            "within 30 days of delivery; null until 30 days have passed, where it was not delivered, or where no "
            "return is told at all",
            null=True,
        ),
        text("return_reason", "reason of the first return", null=True),
        whole("refund_minor", "paid back; null where no refund is told at all", "minor units", null=True),
        number("review_rating", "mean of its reviews, 0 … 1", null=True),
        flag("bad_review", "lowest two fifths of the scale (≤ 2 of 5 stars)", null=True),
        whole("contacts", "conversations about it", "conversations"),
    ),
    published=True,
)

REPEAT_RISKS = Table(
    "repeat_risks",
    "one row per conversation: how likely its customer writes again about the same issue within 7 days",
    ("conversation_id",),
    (
        text("conversation_id", "the conversation"),
        text("customer_key", "who"),
        *when("scored", "the moment the score speaks for: nothing later is used"),
        text("speaks", "which model: scorecard"),
        number("base", "log-odds where no reason applies", "log-odds"),
        texts("reasons", "why, in words, strongest first"),
        texts("reasons_zh", "the same in Chinese"),
        Column("points", pa.list_(pa.float64()), "what each reason adds; base + points = logit", "log-odds"),
        number("logit", "base and points added", "log-odds"),
        number("probability", "1 / (1 + exp(-logit))", "share"),
        flag("came_back", "what then happened; null until matured", null=True),
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
        text("team", "the team"),
        date("day", "business time zone"),
        whole("conversations", "first answered by the agent", "conversations"),
        whole("replies", "messages written in them by human agents", "messages"),
        number("first_response_median_s", "of those conversations", "seconds", null=True),
        whole("handle_ms", "active time in them", "ms"),
        whole("surveys", "answered surveys", "surveys"),
        number("csat_rating_sum", "sum of their ratings, 0 … 1 each; divide by surveys over any period"),
        whole("matured", "conversations with an issue, old enough to see a return", "conversations"),
        whole("came_back", "of those, with a same-issue return within 7 days", "conversations"),
        number("shift_hours", "hours on shift that day", "hours"),
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
