from act_spec.strategies.estimators.group_detection import DetectedGroups, groups_detectable


def test_ids_that_differ_in_their_ending_belong_together() -> None:
    ids = [f"{number}_{ending}" for number in range(30) for ending in "rh"]

    assert groups_detectable(ids) == DetectedGroups(None, 30, 60, ("0_r", "0_h"))


def test_items_of_one_question_belong_together() -> None:
    ids = [f"{number:03}" for number in range(60)]
    fields: dict[str, list[str] | list[int]] = {
        "answer": [f"answer {n}" for n in range(60)],
        "question": [n // 3 for n in range(60)],
    }

    assert groups_detectable(ids, fields) == DetectedGroups("question", 20, 60, ("000", "001", "002"))


def test_ids_that_merely_count_are_no_groups() -> None:
    assert groups_detectable([f"doc_{number}" for number in range(100)]) is None
    assert groups_detectable([f"{number:05}" for number in range(100)]) is None
    assert groups_detectable([f"doc_{number}" for number in range(4)]) is None


def test_a_category_is_no_group() -> None:
    ids = [f"{number:03}" for number in range(200)]

    assert groups_detectable(ids, {"source": ["mail", "web"] * 100}) is None
    assert groups_detectable(ids, {"note": [None] * 200, "empty": [""] * 200}) is None


def test_a_few_repeated_texts_are_no_groups() -> None:
    ids = [f"{number:03}" for number in range(100)]

    assert groups_detectable(ids, {"text": ["ok", "ok", "no", "no", *ids[4:]]}) is None


def test_no_items_have_no_groups() -> None:
    assert groups_detectable([], {"text": []}) is None
