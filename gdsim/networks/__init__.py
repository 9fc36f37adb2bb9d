"""What is minimised, from data: J(W) is the mean of the losses of single points."""
