table.head()
