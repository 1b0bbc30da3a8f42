"""How is a public page answered without being made anew, and never a moment too old?"""
