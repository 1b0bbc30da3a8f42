"""What is inside the reader: words, riders, tokens and their groups; `appointments.reader` is the way in."""
