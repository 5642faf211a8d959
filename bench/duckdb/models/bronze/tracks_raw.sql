{{ landed('tracks') }}
