"""An organisation's list of people, from the uploaded file to the people it names.

`reading` turns a file into rows, `deciding` is what a manager does with them, `applying` writes them; `columns`,
`cells`, `addresses` and `matching` are the knowledge behind them, `problems` the words, `workbooks` the files handed
back.
"""
