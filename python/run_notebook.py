"""Runs a notebook's cells in order without Jupyter, and stops at the first that fails: python run_notebook.py FILE"""
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    cells = [c for c in json.load(file)["cells"] if c["cell_type"] == "code"]
scope = {"__name__": "__main__"}
for number, cell in enumerate(cells, 1):
    exec(compile("".join(cell["source"]), f"{sys.argv[1]}, cell {number}", "exec"), scope)
print(f"{len(cells)} cells")
