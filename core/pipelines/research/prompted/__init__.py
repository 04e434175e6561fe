"""Research with a language model: it plans, works on tasks with tools, reflects, and writes from what was found."""
