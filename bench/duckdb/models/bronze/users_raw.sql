{{ landed('users') }}
