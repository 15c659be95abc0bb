"""One conversation: who says what in which order. When it is said follows in timing.py."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from examples.sample_shop.contacts import Contact
from examples.sample_shop.world import world
from examples.sample_shop.writing import Voice

MOODS = {"thanks": "glad", "thanks_only": "glad", "happy": "glad", "unhappy": "sad", "nudge": "sad"}
QUIET = ("greeting_only", "thanks_only", "agent_only", "bot_only")


@dataclass
class Turn:
    """One message to be: `pause` stands before a turn that comes days later; `found` is the personal data in it."""

    author: str
    text: str
    intents: tuple[str, ...] = ()
    found: list[tuple[str, str]] = field(default_factory=list)
    pause: bool = False
    second: bool = False


@dataclass(frozen=True)
class Plan:
    """How a conversation goes, drawn before a word is written."""

    channel: str
    nth: int
    quiet: str = ""
    answered: bool = True
    solved: bool = True
    bot: bool = False
    agent_first: bool = False
    transfer: bool = False
    reopened: bool = False
    other: str = ""
    at_once: bool = False
    silent_before: bool = False


class Script:
    """Writes the turns of one conversation by its plan."""

    def __init__(
        self, chance: random.Random, contact: Contact, plan: Plan, voice: Voice, names: tuple[str, str]
    ) -> None:
        self.chance, self.contact, self.plan, self.voice, self.names = chance, contact, plan, voice, names
        self.turns: list[Turn] = []
        self.moved = False

    def write(self) -> list[Turn]:
        """All turns."""
        plan = self.plan
        if plan.quiet:
            self._quiet()
            return self.turns
        self._open()
        self._state()
        if not plan.answered:
            self._in_vain()
            return self.turns
        self._clear_up()
        self._settle()
        if plan.other and not plan.at_once:
            self._other()
        self._part()
        if plan.reopened:
            self._reopen()
        return self.turns

    def _maybe(self, likely: float) -> bool:
        return self.chance.random() < likely

    def _customer(self, sentences: list[str], *intents: str, frame: bool = False, mood: str = "") -> Turn:
        text, found = self.voice.customer(sentences, frame=frame, mood=mood)
        turn = Turn("customer", text, intents, found)
        before = [t for t in self.turns if t.author == "agent"]
        if self.voice.mail and before and self._maybe(0.3):
            turn.text = f"{text}\n\n{self.voice.quoted(before[-1].text)}"
        self.turns.append(turn)
        return turn

    def _says(self, *kinds: str) -> None:
        """The customer says something that is no issue."""
        self._customer([self.voice.line(kind) for kind in kinds], mood=MOODS.get(kinds[0], ""))

    def _agent(self, sentences: list[str]) -> None:
        name = self.names[1 if self.moved else 0]
        self.turns.append(Turn("agent", self.voice.agent(sentences, name), second=self.moved))

    def _bot(self, *kinds: str) -> None:
        for kind in kinds:
            self.turns.append(Turn("bot", self.voice.line(kind)))

    def _quiet(self) -> None:
        """Conversations in which no issue is stated: they must not become mentions."""
        kind = self.plan.quiet
        if self.plan.bot or kind == "bot_only":
            self._bot("bot_hello")
        if kind == "bot_only":
            self._says("menu_choice")
            self._bot("bot_wait")
        elif kind == "greeting_only":
            self._says("hello")
            self._agent([self.voice.line("agent_nobody")])
        elif kind == "thanks_only":
            self._says("thanks_only")
            self._agent([self.voice.line("agent_close")])
        else:
            self._agent([self.voice.line("proactive")])

    def _open(self) -> None:
        if self.plan.bot:
            self._bot("bot_hello")
            if self._maybe(0.35):
                self._says("menu_choice")
                self._bot("bot_wait")
        if self.plan.agent_first:
            self._agent([self.voice.line("proactive")])

    def _state(self) -> None:
        """The customer states the problem, at once or bit by bit."""
        plan, voice, intent = self.plan, self.voice, self.contact.intent
        sentences = voice.problem(intent, lead=self._lead())
        intents = [intent]
        if self.contact.order and self._maybe(0.22):
            sentences.append(voice.line("info_order"))
        if voice.mail and self._maybe(0.1):
            sentences.append(voice.line("info_personal"))
        if plan.at_once:
            sentences += [voice.line("second"), *voice.problem(plan.other, short=True)]
            intents.append(plan.other)
        self._customer(sentences, *intents, frame=True)
        if not voice.mail and self._maybe(0.2):
            self._customer([voice.issue(intent, "detail")], intent)

    def _lead(self) -> tuple[str, ...]:
        """What stands before the problem: a greeting, and that it is not the first time."""
        plan, mail = self.plan, self.voice.mail
        lead = ("again_silent" if plan.silent_before else "again",) if plan.nth > 1 else ()
        if mail:
            return ("open_mail", *lead) if self._maybe(0.3) else lead
        if self._maybe(0.3):
            self._says("hello")
            return lead
        return ("hello", *lead) if self._maybe(0.4) else lead

    def _in_vain(self) -> None:
        if self._maybe(0.6):
            self._says("nudge")
        if self._maybe(0.2):
            self._says("unhappy")

    def _clear_up(self) -> None:
        """Questions and answers until the agent knows enough; perhaps a colleague takes over."""
        voice = self.voice
        questions = self._questions()
        loops = self.chance.choices((0, 1, 2), (35, 50, 15) if voice.mail else (12, 55, 33))[0]
        for loop, question in enumerate(questions[:loops]):
            greeting = ["agent_hello"] if loop == 0 and not self.plan.agent_first and not voice.mail else []
            self._agent([voice.line(kind) for kind in (*greeting, question)])
            self._inform(question)
        if self.plan.transfer:
            self._agent([voice.line("agent_transfer")])
            self.turns.append(Turn("system", f"Transferred from {self.names[0]} to {self.names[1]}"))
            self.moved = True

    def _questions(self) -> list[str]:
        """What an agent would ask about such an issue, in some order."""
        intent = self.contact.intent
        start = world()["intents"][intent]["from"]
        kinds = ["ask_more"]
        kinds += ["ask_order"] if self.contact.order and start != "before" else []
        kinds += ["ask_photo"] if start == "delivered" and intent not in ("return_how", "refund_waiting") else []
        kinds += ["ask_since"] if intent in ("stopped_working", "bad_quality", "defective", "account") else []
        kinds += ["ask_device"] if intent in ("how_to_use", "compatibility") else []
        return self.chance.sample(kinds, len(kinds))

    def _inform(self, question: str) -> None:
        """The customer answers what was asked, mostly."""
        voice, intent = self.voice, self.contact.intent
        if self._maybe(0.12):
            self._says("ack")
        elif question in ("ask_more", "ask_since"):
            self._customer([voice.issue(intent, "detail")], intent)
        elif question == "ask_order" and self._maybe(0.3):
            self._says("info_order", "info_personal")
        else:
            self._says(question.replace("ask_", "info_"))

    def _settle(self) -> None:
        """The agent solves it, or puts the customer off."""
        voice, intent = self.voice, self.contact.intent
        if self.plan.channel == "email" and self._maybe(0.12):
            self.turns.append(Turn("note", voice.line("note")))
        if self.plan.solved:
            trouble = voice.angry or (world()["intents"][intent]["from"] != "before" and self._maybe(0.3))
            sorry = [voice.line("agent_sorry")] if trouble else []
            self._agent([*sorry, voice.issue(intent, "fix")])
            if self._maybe(0.6):
                self._says(self.chance.choice(("thanks", "thanks", "happy")))
            return
        self._agent(
            [voice.line("agent_sorry"), voice.line("agent_hold")] if self._maybe(0.6) else [voice.line("agent_hold")]
        )
        if self._maybe(0.7):
            again = self._maybe(0.4)
            sentences = [voice.line("unhappy"), *([voice.issue(intent, "ask")] if again else [])]
            self._customer(sentences, *([intent] if again else []), mood="sad")
            self._agent([voice.line("agent_hold")])

    def _other(self) -> None:
        """A second issue in the same conversation."""
        voice, other = self.voice, self.plan.other
        self._customer([voice.line("second"), *voice.problem(other, short=True)], other)
        self._agent([voice.issue(other, "fix")])

    def _part(self) -> None:
        if not self.plan.solved:
            return
        if self._maybe(0.45):
            self._agent([self.voice.line("agent_close")])
        if self._maybe(0.3):
            self._says("thanks")

    def _reopen(self) -> None:
        voice, intent = self.voice, self.contact.intent
        self._customer([voice.line("reopen"), voice.issue(intent, "core")], intent)
        self.turns[-1].pause = True
        self._agent([voice.line("agent_sorry"), voice.issue(intent, "fix")])
        if self._maybe(0.5):
            self._says("thanks")
