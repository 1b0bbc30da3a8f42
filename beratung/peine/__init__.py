"""What is true of the district of Peine, and what is its invented example?"""
