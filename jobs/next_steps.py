"""What settled an issue before, and so: what is to be done about it?"""

import narwhals as nw
import pandas as pd

from insight.engines.base import Frame
from insight.marts import next_steps
from insight.run import Run
from insight.schema import CONVERSATION_FACTS, FAQ, FAQ_ANSWERS, MESSAGES, NEXT_STEPS, TOPICS

READS = (CONVERSATION_FACTS, MESSAGES, FAQ, FAQ_ANSWERS, TOPICS)
WRITES = NEXT_STEPS


def work(facts: Frame, messages: Frame, questions: Frame, answers: Frame, topics: Frame, *, run: Run) -> pd.DataFrame:
    """See after which answers and deeds customers did not come back."""
    by_agents = messages.filter((nw.col("author") == "agent") & nw.col("public"))
    return next_steps.steps(
        run.pandas(facts.select("conversation_id", "topic_id", "customer_key", "came_back")),
        next_steps.deeds(run.pandas(by_agents.select("conversation_id", "text"))),
        run.pandas(questions.select("question_id", "topic_id")),
        run.pandas(answers),
        run.pandas(topics.select("topic_id", "family")),
        few=run.settings.privacy.min_customers,
    )
