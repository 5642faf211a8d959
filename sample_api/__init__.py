"""sample_api"""
