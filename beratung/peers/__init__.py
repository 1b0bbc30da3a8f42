"""What do other directories say, and what would become of it here?"""
