"""Answers that are kept for each repository: who has them, how much memory they take, who goes first."""

from __future__ import annotations

import threading
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from planbot.service.answers import KeptAnswers
from planbot.tracker.answers import Answer, AnswerCache
from planbot.tracker.target import Token

TOKEN = Token("ghp_1")
BODY = Answer("tag", "x" * 1000)


def use(answers: KeptAnswers, repository: str, *, token: Token = TOKEN, body: int = 1000) -> bool:
    """Ask one thing about a repository and keep the answer; return whether it was kept before."""
    with answers.lend(repository, token) as cache:
        known = cache.get("asked") is not None
        cache.put("asked", Answer("tag", "x" * body))
        return known


def test_answers_are_of_one_repository_and_one_token() -> None:
    answers = KeptAnswers(10**6)
    assert [use(answers, "a"), use(answers, "a"), use(answers, "b"), use(answers, "a")] == [0, 1, 0, 1]
    other = Token("ghp_2")
    assert [use(answers, "a", token=other), use(answers, "a", token=other)] == [False, True]
    assert not use(answers, "a"), "with the token before there is nothing left either"


def test_the_least_recently_used_goes_first() -> None:
    answers = KeptAnswers(3000)
    assert [use(answers, name) for name in "abacab"] == [False, False, True, False, True, False]


def test_what_is_too_large_alone_pushes_out_no_others() -> None:
    answers = KeptAnswers(3000)
    use(answers, "a")
    assert not use(answers, "large", body=9000)
    assert not use(answers, "large", body=9000)
    assert use(answers, "a")
    assert use(answers, "a", body=9000)
    assert answers.size == 0, "what has grown too large goes"


def test_what_was_forgotten_while_it_was_lent_is_not_taken_back() -> None:
    answers = KeptAnswers(10**6)
    with answers.lend("a", TOKEN) as cache:
        cache.put("asked", BODY)
        answers.forget("a")
    assert answers.size == 0
    assert not use(answers, "a")


def test_answers_of_a_pass_that_failed_are_kept() -> None:
    answers = KeptAnswers(10**6)
    with suppress(ZeroDivisionError), answers.lend("a", TOKEN) as cache:
        cache.put("asked", BODY)
        raise ZeroDivisionError
    assert use(answers, "a")


def test_no_two_have_the_same_answers_at_once() -> None:
    answers = KeptAnswers(10**5)
    in_use: set[int] = set()
    failures: list[str] = []
    lock = threading.Lock()

    def run() -> None:
        for turn in range(300):
            with answers.lend("abc"[turn % 3], TOKEN) as cache:
                with lock:
                    if id(cache) in in_use:
                        failures.append("lent twice")
                    in_use.add(id(cache))
                cache.put(turn, BODY)
                with lock:
                    in_use.remove(id(cache))
            if turn % 7 == 0:
                answers.forget("abc"[turn % 3])

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert answers.size <= 10**5


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 4000))), st.integers(0, 6000))
def test_the_bound_holds_whatever_is_asked(asked: list[tuple[str, int]], most: int) -> None:
    answers = KeptAnswers(most)
    for name, body in asked:
        use(answers, name, body=body)
        assert answers.size <= most


def test_what_answers_take_is_told_as_they_come_and_go() -> None:
    cache = AnswerCache(most=2)
    assert cache.size == 0
    cache.put("a", BODY)
    one = cache.size
    assert one > 1000
    cache.put("a", Answer("tag", ("x" * 1000, "y" * 1000)))
    assert cache.size > one + 1000
    for key in "bcd":
        cache.put(key, BODY)
    assert cache.size == 2 * one
