measures = table[[name for name in table.select_dtypes("number").columns if not name.endswith("_id")]]
measures.describe() if len(measures.columns) else print("No column holds numbers to describe.")
