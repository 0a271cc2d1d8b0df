"""Who of those that are connected has to go, and how many requests are under way; and the files that takes."""

import asyncio
import resource
from collections.abc import Iterator

import pytest

from gateway.commands.crowd import Crowd
from gateway.commands.web import FILES, have_files


class Line(asyncio.Transport):
    """Of a connection that can only be closed."""

    def __init__(self) -> None:
        super().__init__()
        self.is_closed = False

    def abort(self) -> None:
        self.is_closed = True


def entered(crowd: Crowd, *peers: str) -> list[Line]:
    lines = [Line() for _ in peers]
    for line, peer in zip(lines, peers, strict=True):
        crowd.enter(line, peer)
    return lines


def closed(lines: list[Line]) -> list[int]:
    return [number for number, line in enumerate(lines) if line.is_closed]


def test_who_has_waited_longest_goes():
    """One place is made for each that comes, and no more."""
    lines = entered(Crowd(4), *"abcdef")

    assert closed(lines) == [0, 1]


def test_a_peer_with_more_than_half_of_the_places_makes_room():
    """Others who came before it stay."""
    lines = entered(Crowd(4), *"abcccc", *"cc")

    assert closed(lines) == [2, 3, 4, 5]


def test_a_peer_with_half_of_the_places_is_as_good_as_others():
    lines = entered(Crowd(4), *"abcc", "d")

    assert closed(lines) == [0]


def test_whose_request_is_under_way_is_not_closed():
    """Once its answer begins it waits, as the last one in the row."""
    crowd = Crowd(2)
    lines = entered(crowd, *"ab")
    crowd.ask(lines[0])
    lines += entered(crowd, *"cd")
    before = closed(lines)
    crowd.answer(lines[0])
    after = closed(lines)
    lines += entered(crowd, "e")

    assert (before, after, closed(lines)) == ([1], [1, 2], [1, 2, 3])


def test_who_has_left_takes_no_place():
    """Neither one that waited nor one whose request goes on without him."""
    crowd = Crowd(2)
    lines = entered(crowd, *"ab")
    crowd.ask(lines[0])
    for line in lines:
        crowd.leave(line)
    crowd.answer(lines[0])
    lines += entered(crowd, *"ab")

    assert closed(lines) == []


def test_requests_under_way_are_counted_without_their_clients():
    """It is busy with more than so many of them, until enough are answered."""
    crowd = Crowd(1)
    lines = entered(crowd, *"ab")
    counted = []
    for line in lines:
        crowd.ask(line)
        crowd.leave(line)
        counted.append(crowd.is_busy)
    for line in lines:
        crowd.answer(line)
        counted.append(crowd.is_busy)

    assert counted == [False, True, False, False]


@pytest.fixture
def few_files() -> Iterator[int]:
    """The limit is low; what may be had is told."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 1024), hard))
    yield FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_there_are_files_for_all_connections(few_files: int):
    """The limit is raised as far as it may be, and never lowered."""
    have_files()
    first = resource.getrlimit(resource.RLIMIT_NOFILE)
    have_files()

    assert first[0] == few_files == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
