"""How do lists of costs become positions of a budget?"""
