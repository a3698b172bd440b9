table = fetch(ROWS)
print(f"{TITLE}: {table.shape[0]} rows, {table.shape[1]} columns")
table.shape
