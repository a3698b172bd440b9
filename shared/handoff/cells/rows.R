head(table)
