"""gdsim.gui"""
