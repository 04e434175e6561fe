"""Exercises of any kind that keep every rule, drawn without a look at the code that checks them."""

from hypothesis import strategies as st

from core.pipelines.assessment.forms import Exercise, MarkedError

# Whatever people write on one line; "§" is kept for ids, "<" and ">" for operators that are no marks.
TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters=f"§<>{TURNS}")
OPERATORS = st.sampled_from(
    ["std::cout << x;", "cin >> a; cout << b;", "vector<vector<int>> v;", "a << 3", "x <= y", "<b>", "", "\tpass"]
)
LINES = st.one_of(st.text(LETTERS, max_size=40), OPERATORS)
# An id may hold what looks like half a mark.
TAILS = st.one_of(
    st.text(LETTERS, min_size=18, max_size=118), st.just("vector<vector<int>> grid(3);"), st.just("<b>never closed</b>")
)


@st.composite
def exercises(draw: st.DrawFn) -> Exercise:
    count = draw(st.integers(24, 60))
    content = [draw(LINES) for _ in range(min(count, 6))]
    content = (content * count)[:count]
    tails = draw(st.lists(TAILS, min_size=1, max_size=5))
    ids = [f"{number}§{tail}" for number, tail in enumerate(tails)]
    for one in ids:
        line = draw(st.integers(0, count - 1))
        content[line] += f"<<{one}>>{draw(st.text(LETTERS, max_size=5))}"
    described = st.text(LETTERS, min_size=1, max_size=180).filter(str.strip)
    return Exercise(
        title=draw(st.text(LETTERS, min_size=1, max_size=200).filter(str.strip)),
        difficulty=draw(st.sampled_from(["Beginner", "Intermediate", "Advanced", "Expert"])),
        content_type=draw(
            st.sampled_from(
                ["code", "prose", "math", "email", "table", "diagram", "plan", "pseudo", "query", "other"],
            )
        ),
        content=content,
        errors=[MarkedError(id=one, description=draw(described)) for one in ids],
    )


def line_with(exercise: Exercise, one: str) -> int:
    """Return the place of the line in which *one* is marked."""
    return next(place for place, line in enumerate(exercise.content) if f"<<{one}>>" in line)


def instead(exercise: Exercise, old: str, new: str) -> list[str]:
    """Return the lines with *old* replaced."""
    return [line.replace(old, new) for line in exercise.content]
