import re

import pytest

from graph.cypher.book import Parameter, book, question, read
from graph.cypher.statements import check, tokens
from graph.errors import InputError, NotFoundError


def test_there_are_many_questions_and_each_says_what_it_is():
    assert len(book()) >= 24
    for name, each in book().items():
        assert re.fullmatch(r"[a-z0-9-]+", name)
        assert "?" in each.question
        assert each.row
        assert all(one.says for one in each.parameters)


@pytest.mark.parametrize("name", book())
def test_a_question_only_reads_and_uses_all_its_parameters(name):
    check(book()[name].cypher, {one.name: 1 for one in book()[name].parameters})


@pytest.mark.parametrize("name", book())
def test_a_question_keeps_to_what_both_stores_understand(name):
    text = book()[name].cypher
    assert not re.search(r"\b(shortestPath|duration|toString|type|labels)\s*\(", text)
    assert not re.search(r"\*(\.\.|\]|\d+\.\.\])", text), "hop bounds are literal"
    quoted = [token.text for token in tokens(text) if token.kind == "text"]
    assert not any("$" in each for each in quoted), "values are parameters"


@pytest.mark.parametrize("name", book())
def test_the_rows_of_a_question_are_in_one_order(name):
    text = book()[name].cypher
    assert "ORDER BY" in text or name.startswith("chain-within")


def test_a_file_is_read():
    made = read(
        "x",
        """// Who is there?
// parameter days: integer = 30: how many
// parameter account: Account: whose
// row: one account
MATCH (a:Account) RETURN a.id""",
    )
    assert made.question == "Who is there?"
    assert made.parameters[0] == Parameter("days", "integer", "how many", 30)
    assert made.values({"account": "ann"}) == {"days": 30, "account": "ann"}
    with pytest.raises(ValueError, match="a question, a row and a query"):
        read("x", "MATCH (a) RETURN a")
    with pytest.raises(ValueError, match="not the line of a parameter"):
        read("x", "// Who?\n// parameter days: month: x\n// row: x\nMATCH")


def test_wrong_values_are_told_in_words():
    asked = question("repeat-helpers")
    with pytest.raises(InputError, match="days='x' is not a whole number"):
        asked.values({"days": "x"})
    with pytest.raises(InputError, match="no parameter dais .did you mean 'days'"):
        asked.values({"dais": 1})
    with pytest.raises(InputError, match="needs account, id of the helped account"):
        question("helpers-of").values({})
    with pytest.raises(InputError, match="limit=0 is less than 1"):
        asked.values({"limit": 0})
    with pytest.raises(InputError, match="minimum=-1 is less than 0"):
        asked.values({"minimum": "-1"})
    with pytest.raises(InputError, match="days=9223372036854775807 is too large"):
        asked.values({"days": 2**63 - 1})
    with pytest.raises(InputError, match="account is empty"):
        question("helpers-of").values({"account": " "})
    with pytest.raises(InputError, match="is not a time such as"):
        question("grown-teams").values({"since": "yesterday"})
    with pytest.raises(NotFoundError, match="did you mean 'repeat-helpers'"):
        question("repeat-helper")


def test_a_question_is_shown_ready_to_paste():
    shown = question("helpers-of").shown({"account": "o'\n\\x"})
    assert ":param account => 'o\\u0027\\u000a\\u005cx';" in shown
    assert shown.endswith("ORDER BY helped_at, help;")
    assert "// :param account => …" in question("helpers-of").shown({})
