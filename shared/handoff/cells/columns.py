pandas.DataFrame({
    "type": table.dtypes.astype(str),
    "present": table.notna().sum(),
    "distinct": table.nunique(),
})
