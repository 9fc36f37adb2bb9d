"""Numbers: kernels that know arrays and scalars, nothing of names, files, threads or widgets."""
