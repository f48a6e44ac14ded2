"""Topics: a closed list, and every problem of the bank lies in one."""

from __future__ import annotations

from torch_judge.model.bank import find_bank
from torch_judge.model.topic import Topic


def test_topics_are_names_of_folders_and_their_words_are_for_people() -> None:
    assert all(topic.value.isidentifier() and topic.value.islower() for topic in Topic)
    assert Topic.REINFORCEMENT_LEARNING.words == "reinforcement learning"
    assert Topic.VISION.words == "vision"


def test_every_problem_of_the_bank_has_the_topic_of_its_folder() -> None:
    problems = find_bank().problems()
    assert {problem.topic for problem in problems} <= set(Topic)
    assert all(problem.topic == problem.folder.parent.name for problem in problems)


def test_tags_are_few_and_none_repeats_a_topic() -> None:
    for problem in find_bank().problems():
        assert len(problem.tags) <= 3, problem.slug
        assert not set(problem.tags) & {topic.words for topic in Topic}, problem.slug
