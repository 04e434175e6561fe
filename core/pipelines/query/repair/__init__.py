"""Mending a query that was refused or failed: rules first, each for one kind of trouble, then the model.

`trouble` reads what the guard's or the database's words complain of; each rule is a function in a module of its own.
"""
