"""gdsim.app"""
