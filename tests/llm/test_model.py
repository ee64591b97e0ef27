from __future__ import annotations

import pytest

from act_spec.llm.model import Model
from act_spec.llm.prices import Price

SERVER = "http://localhost:8000/v1"


@pytest.mark.parametrize(
    ("model", "sent"),
    [
        (Model("openai/gpt-4o-mini"), "schema"),
        (Model("openai/no-such-model"), "text"),
        (Model("openai/no-such-model", api_base=SERVER), "schema"),
        (Model("hosted_vllm/llama"), "schema"),
        (Model("ollama_chat/llama3"), "schema"),
        (Model("local/tiny"), "schema"),
        (Model("mistral/no-such-model", api_base=SERVER), "text"),
        (Model("openai/gpt-4o-mini", reply_format="object"), "object"),
        (Model("openai/no-such-model", reply_format="schema"), "schema"),
    ],
)
def test_auto_asks_for_a_schema_where_the_model_takes_one(model, sent):
    assert model.sent_format == sent


def test_parameters_hold_what_decides_the_answer_and_nothing_else():
    one = Model("openai/gpt-4o-mini", temperature=0.0)
    same = Model(
        "openai/gpt-4o-mini",
        temperature=0.0,
        timeout_s=5,
        concurrency=99,
        api_key_env="K",
        reply_format="schema",
    )
    other = Model("openai/gpt-4o-mini", temperature=1.0)

    assert one.parameters() == same.parameters() != other.parameters()


def test_a_stated_price_goes_before_the_table():
    assert Model("openai/gpt-4o-mini", price=Price(1.0, 2.0)).paid == Price(1.0, 2.0)
    assert Model("openai/no-such-model").paid is None
