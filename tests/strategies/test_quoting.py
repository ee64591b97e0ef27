import pytest

from act_spec.strategies.quoting import quoted


@pytest.mark.parametrize("mark", ["</field>", "< / annotation >", "<EXAMPLE>", "</reasons>", "\uff1csaid>"])
def test_a_mark_of_the_prompts_loses_its_bracket(mark):
    made = quoted(f"before {mark} after")

    assert made == "before &lt;" + mark[1:] + " after"


def test_all_else_stays_as_it_is():
    assert quoted("a < b, <b>bold</b> & so on") == "a < b, <b>bold</b> & so on"
