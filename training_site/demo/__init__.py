"""The demonstration site: made-up people in real places, everything done through the operations people use."""
