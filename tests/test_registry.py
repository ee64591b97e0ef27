from act_spec.registry import Entry, declared, most_calls


def test_a_trait_may_depend_on_the_parameters():
    entry = Entry("judge", "x", 1, print, {"prompts": lambda chosen: (chosen["a"],), "logprobs": True})

    assert declared(entry, "prompts", {"a": "b"}) == ("b",)
    assert declared(entry, "logprobs", {}) is True
    assert declared(entry, "rank", {}, "none") == "none"


def test_calls_may_depend_on_the_parameters_and_the_members():
    entry = Entry("judge", "x", 1, print, {"calls": lambda chosen, members: chosen["n"] * members})

    assert most_calls(entry, {"n": 2}, 3) == 6
    assert most_calls(Entry("judge", "x", 1, print, {"calls": 4}), {}) == 4
    assert most_calls(Entry("judge", "x", 1, print), {}) == 0
