"""Nothing in the lane's rules, its identity or its decision may be left out unnoticed."""

import pytest

from tests.support.barrier import mutants
from tests.support.lane_judging import JUDGED, Judge

EVERY = 12
"""Of the mistakes that `make test` tries; `make test-long` tries all."""


@pytest.fixture(scope="module")
def judge():
    return Judge(walks=False)


AT_IMPORT = "the rows are made when the module is read; cases hold them"
SOONER = "the loop would go round once more, and end"
OF_THE_PLATE = "those of the plate are those of the vehicle where one fits"
NEVER = "the guard of a type, or of what the table never asks"
EXPLAINED = {
    "decision.decide always 'book.for_vehicle(question.sure)'": "no plate names no assignment",
    "decision._spoken never 'at == len(ROWS)'": "test_the_default_asks_a_person",
    "conditions.refused_by without 'question.assignment is None'": NEVER,
    "conditions.lacking without 'question.assignment is None'": NEVER,
    "question.strange without 'self.assignment is not None'": NEVER,
    "decision_rows._state turned round": AT_IMPORT,
    "decision_rows._list turned round": AT_IMPORT,
    "question.on without 'self.assignment is not None'": NEVER,
    "identity.followers always '{passage.plate, *passage.trailer_texts} - {''}'": NEVER,
    "identity._joined all of 'sure.items()'": NEVER,
    "identity.noted without 'passage is None'": NEVER,
    "identity._pictures without '()'": NEVER,
    "rules.react never 'not more and (lane.stage, lane.passage) == (stage, passage)'": SOONER,
    "rules.react without 'not more'": SOONER,
    "rules.react without not 'more'": SOONER,
    "rules._without_spent always 'replace(context, book=context.book.used(spent))'": SOONER,
    "rules._sensed never 'isinstance(fact, VehicleArrived)'": "the loop's level says so as well",
    "rules._without never 'not lost'": "nothing is taken from it either way",
    "rules._sensed keeps 'present_at'": "a vehicle that stood there at a start came before it",
    "rules._recorded without 'passage is None'": NEVER,
    "rules._versioned without 'before.id != passage.id'": "another passage may begin above 0",
    "snapshot.revive keeps 'since'": "an empty lane's time is for people",
    "snapshot._stage without 'stage is not None'": NEVER,
    "snapshot._stage without 'passage is not None'": NEVER,
    "snapshot._stage without 'Stage.EMPTY'": NEVER,
    "presence.timed_out_unseen without 'passage is None'": NEVER,
    "presence._accounted_for without 'passage is not None'": NEVER,
    "presence.left without 'passage is None'": NEVER,
    "outcomes.outcome_of without 'passage.asked is not None'": "no reason is refused",
    "from_facts._person without 'passage is None'": NEVER,
    "from_facts._person without 'fitting'": "which assignments there are is in the detail alone",
    "from_facts.choices always "
    "'context.book.for_vehicle({plate, *passage.trailer_texts} - {''})'": NEVER,
    "from_facts.choices always '()'": OF_THE_PLATE,
    "from_facts.choices without 'naming'": OF_THE_PLATE,
    "from_facts.choices always 'context.book.for_plate(plate)'": NEVER,
    "cues._pictured never 'lane.passage is None'": NEVER,
    "cues.assess without 'lane.passage is not None'": NEVER,
    "cues._behind without 'context.policy.needs_loop'": "what is not wired is never occupied",
    "cues._behind keeps 'present'": "the guard's next word says so as well",
    "cues._decided without 'policy.needs_loop'": "what is not wired is never free",
    "cues._decided without 'decision.reason in MAY_COME_YET'": "a code stands for those alone",
    "cues._decided always '(journey,)'": "no journey is none",
    "failure.without_list keeps 'book'": "without a decision the list is not asked",
}
"""What may be left out, and why that changes nothing that anybody relies on."""


def unnoticed(judge, planted):
    found = set()
    for mutant in planted:
        with mutants.planted(mutant):
            if not judge.notices(mutant):
                found.add(mutant.what)
    return found


@pytest.mark.timeout(600)
def test_of_all_that_may_be_left_out_one_in_twelve_is_tried_and_noticed(judge):
    every = [mutant for module in JUDGED for mutant in mutants.of(module)]
    tried = every[len(every) % EVERY :: EVERY]
    print(f"{len(tried)} of {len(every)} mutants")
    assert unnoticed(judge, tried) <= EXPLAINED.keys()


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("module", JUDGED, ids=lambda m: m.__name__.rsplit(".")[-1])
def test_every_condition_left_out_is_noticed(judge, module):
    planted = list(mutants.of(module))
    name = module.__name__.rsplit(".")[-1]
    print(f"{name}: {len(planted)} mutants")
    explained = {what for what in EXPLAINED if what.startswith(f"{name}.")}
    assert unnoticed(judge, planted) == explained
