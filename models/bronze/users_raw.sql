with

landed as (

    select * from {{ source('music_api', 'users') }}

)

select * from landed
