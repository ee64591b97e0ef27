from scripted import rounds

from act_spec.records import Reply, Request
from act_spec.strategies.together import in_step


def asking(name, *sizes):
    """Asks so many questions at each step, and settles on all texts that came back."""
    said = []
    for step, size in enumerate(sizes):
        replies = yield [
            Request(({"role": "user", "content": f"{name}{step}{at}"},), {}) for at in range(size)
        ]
        said += [reply.text for reply in replies]
    return name, said


def replies(*texts):
    return [Reply("ok", {}, text) for text in texts]


def texts(requests):
    return [request.messages[0]["content"] for request in requests]


def test_what_is_asked_at_the_same_step_goes_out_together():
    asked, records = rounds(
        in_step([asking("a", 1, 2), asking("b", 2), asking("c")]), replies("1", "2", "3"), replies("4", "5")
    )

    assert [texts(batch) for batch in asked] == [["a00", "b00", "b01"], ["a10", "a11"]]
    assert records == [("a", ["1", "4", "5"]), ("b", ["2", "3"]), ("c", [])]


def test_asks_even_where_nothing_is_asked():
    asked, records = rounds(in_step([asking("a")]), [])

    assert asked == [[]]
    assert records == [("a", [])]
