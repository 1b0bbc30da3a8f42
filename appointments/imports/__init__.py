"""How do the spreadsheets of a district become fixed appointments?"""
