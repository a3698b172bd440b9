table <- fetch(rows)
cat(title, ": ", nrow(table), " rows, ", ncol(table), " columns\n", sep = "")
