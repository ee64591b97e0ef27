from act_spec.documents.failed import Failures, failed_lines


def test_the_first_items_are_named_with_their_reasons_and_a_query_shows_the_rest():
    lines = failed_lines([Failures("judge", "invalid", 3, [("a", "no value"), ("b", "")])], "my runs/x", 11)

    assert lines == [
        "  failed     3 items, judge: invalid",
        "             a: no value",
        "             b",
        "             all: duckdb 'my runs/x/run.duckdb' \"from judgments where status = 'invalid'\"",
    ]


def test_all_are_named_where_they_are_few_and_a_retry_is_announced():
    lines = failed_lines([Failures("annotate", "provider_error", 1, [("a", "HTTP 500")])], "runs/x", 15)

    assert lines == [
        "  failed         1 item, annotate: provider_error; the next run tries them again",
        "                 a: HTTP 500",
    ]


def test_what_an_id_or_a_reason_holds_does_not_act_on_the_terminal():
    assert "\x1b" not in "".join(
        failed_lines([Failures("judge", "invalid", 1, [("\x1b[2J", "\x1b[2J")])], "r", 11)
    )
