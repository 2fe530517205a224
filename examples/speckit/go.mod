module example.org/meals

go 1.23
