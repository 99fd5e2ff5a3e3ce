"""What happens in a worker: values in balls, the check, engines, kinds of problem. All use of SymPy."""
