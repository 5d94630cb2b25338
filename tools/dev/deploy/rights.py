"""Proves that roles have no right too many: without any one statement, a function's work must fail."""

import json
import time
from typing import Iterator, NamedTuple

from dev.deploy import work
from dev.deploy.place import Place
from dev.deploy.stack import Stack
from dev.report import UserError

# Statements without which a function still does its work in the emulator, and the reasons.
SURVIVORS = {
    "TellAbsentFromForbidden": "the emulator answers 404 for an absent object, whatever the rights are",
    "WriteLog": "the emulator itself stores what a function writes",
    "Trace": "the emulator records no traces",
    "TakeMessages": "the emulator itself takes messages from the queue",
    "AskModels": "no model can be reached",
    "ReportFailedSweeps": "the emulator itself reports failed invocations",
}

# Seconds after which a function without one of its rights has not done its work. With them it takes one.
PATIENCE = 6


class Mutant(NamedTuple):
    """A statement of a function's role, and the policy without it."""

    function: str
    role: str
    policy: str
    document: dict
    statement: int

    @property
    def sid(self) -> str:
        """The statement's name."""
        return self.document["Statement"][self.statement].get("Sid", f"number {self.statement} of {self.policy}")

    def without(self) -> dict:
        """Returns the policy without the statement."""
        kept = [one for number, one in enumerate(self.document["Statement"]) if number != self.statement]
        # A policy must have a statement. This one gives no right that matters.
        return {**self.document, "Statement": kept or [{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]}


def list_policies(stack: Stack) -> "Iterator[tuple[str, str, str, dict]]":
    """Lists the policies of the functions' roles: function, role, name and document of each."""
    client = stack.emulator.client("iam")
    for function in stack.functions:
        role = stack.role(function)
        for policy in client.list_role_policies(RoleName=role)["PolicyNames"]:
            yield function, role, policy, client.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]


def list_mutants(stack: Stack) -> Iterator[Mutant]:
    """Lists one mutant for each statement of each function's role."""
    for function, role, policy, document in list_policies(stack):
        for statement in range(len(document["Statement"])):
            yield Mutant(function, role, policy, document, statement)


def allow_batches(stack: Stack) -> None:
    """Lets those send a batch of messages who may send a message.

    On AWS `sqs:SendMessage` covers both. The emulator asks for an action that AWS does not have.
    """
    client = stack.emulator.client("iam")
    for _, role, policy, document in list_policies(stack):
        for statement in document["Statement"]:
            if statement["Action"] in ("sqs:SendMessage", ["sqs:SendMessage"]):
                statement["Action"] = ["sqs:SendMessage", "sqs:SendMessageBatch"]
        client.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))


def survives(mutant: Mutant, place: Place) -> bool:
    """Returns whether a function does its work without a statement."""
    client = place.stack.emulator.client("iam")
    role = {"RoleName": mutant.role, "PolicyName": mutant.policy}
    client.put_role_policy(**role, PolicyDocument=json.dumps(mutant.without()))
    # Functions read secrets when they start, and health repeats its answer for some seconds.
    if "Secret" in mutant.sid or mutant.function == "health":
        place.stack.emulator.end_sandboxes()
    try:
        return not work.do(mutant.function, place)
    finally:
        client.put_role_policy(**role, PolicyDocument=json.dumps(mutant.document))


def prove(place: Place) -> str:
    """Takes each statement away in turn. Returns how many, and which ones nothing in the emulator needs.

    Raises a UserError if a statement is not needed, or if one that is needed has an excuse.
    """
    mutants, impatient = list(list_mutants(place.stack)), place._replace(patience=PATIENCE)
    survivors: "set[tuple[str, str]]" = set()
    for function in place.stack.functions:
        own = [mutant for mutant in mutants if mutant.function == function]
        survivors |= {(function, mutant.sid) for mutant in own if survives(mutant, impatient)}
        require_recovery(function, place)
    killed = {(mutant.function, mutant.sid) for mutant in mutants} - survivors
    if wrong := judge(survivors, killed):
        raise UserError("\n".join(wrong))
    names = sorted({sid for _, sid in survivors})
    return f"{len(killed)} of {len(mutants)} statements; the emulator does not ask for {', '.join(names)}"


def require_recovery(function: str, place: Place) -> None:
    """Waits until a function with all its rights does its work again.

    One that does not would have failed without any statement, needed or not. Raises a UserError for it.
    """
    deadline = time.monotonic() + place.patience
    while difference := work.do(function, place):
        if time.monotonic() > deadline:
            raise UserError(f"{function} has all its rights again, and cannot do its work: {difference}")
        time.sleep(0.5)


def judge(survivors: "set[tuple[str, str]]", killed: "set[tuple[str, str]]") -> list[str]:
    """Returns a message for each statement that is not needed, and for each that is needed but has an excuse.

    Statements are given by their functions and names.
    """
    unneeded = [f"{function} does its work without the statement {sid}. Take it away, or say why in SURVIVORS."
                for function, sid in sorted(survivors) if sid not in SURVIVORS]
    return unneeded + [f"{function} does not do its work without the statement {sid}. Take it out of SURVIVORS."
                       for function, sid in sorted(killed) if sid in SURVIVORS]
