tibble(
  column = names(table),
  type = map_chr(table, \(values) class(values)[1]),
  present = map_int(table, \(values) sum(!is.na(values))),
  distinct = map_int(table, \(values) n_distinct(values, na.rm = TRUE))
)
