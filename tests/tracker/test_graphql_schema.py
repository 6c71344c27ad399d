"""Every document that planbot sends to the GraphQL API, held against GitHub's own schema."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, parse, validate
from graphql.execution.values import get_variable_values
from support import npm_package

from planbot.tracker import github_tracker
from planbot.tracker.creation import REPOSITORY, ids_query, mutation, nodes_of
from planbot.tracker.history import history_query
from planbot.tracker.records import IssueDraft

PACKAGE, VERSION = "@octokit/graphql-schema", "15.26.1"
WHERE = {"owner": "o", "name": "r"}
DRAFTS = [IssueDraft("t", "b", ("planbot", "bug"), 3, ("dana",), 7), IssueDraft("t", "b")]
IDS = dict.fromkeys((REPOSITORY, *nodes_of(DRAFTS)), "ID")
LOOK_UP, NAMES = ids_query(nodes_of(DRAFTS))
DOCUMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "who asks": (github_tracker._WHO, {}),
    "who edited last": (github_tracker._LAST_EDIT, {**WHERE, "number": 1}),
    "how bodies were edited": (history_query([1, 2]), WHERE),
    "ids": (LOOK_UP, {**WHERE, **NAMES}),
    "ids of nothing": (ids_query(())[0], WHERE),
    "issues made": mutation(DRAFTS, IDS),
}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    try:
        file = npm_package.member(PACKAGE, VERSION, "schema.graphql")
    except npm_package.MissingError as missing:
        npm_package.skip_without(missing)
    return build_schema(file.read_text(), assume_valid=True)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_valid_with_its_variables(schema: GraphQLSchema, name: str) -> None:
    text, variables = DOCUMENTS[name]
    document = parse(text)
    assert validate(schema, document) == []
    (operation,) = (one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    given = get_variable_values(schema, operation.variable_definitions or (), variables)
    assert not isinstance(given, list), given


def test_a_document_with_a_field_that_is_not_there_would_be_found(schema: GraphQLSchema) -> None:
    assert validate(schema, parse("{ viewer { shoeSize } }"))
